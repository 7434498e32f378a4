import { createHmac, type KeyObject } from 'node:crypto'
import { InvalidIdempotencyKey } from './errors/invalid-idempotency-key.ts'
import { isObject } from '../../kit/is-object.ts'

const MINUTE_MS = 60_000
/** The contract promises this to callers that send an Idempotency-Key. */
const KEY_TTL_MS = 24 * 60 * MINUTE_MS
/** Hosts retry a call for some minutes. A person who resubmits a run later wants a second write. */
const HOST_TTL_MS = 30 * MINUTE_MS
const TRACKING_ID_MAX = 255

/** An IdempotencyIdentity is how only the repeats of a call find its idempotency record. */
export interface IdempotencyIdentity {
  /** Undefined without a key: then the answer is never replayed. */
  name: string | undefined
  /** A digest of operation and input. The same name with another fingerprint is a mistake of the caller. */
  fingerprint: string
  ttlMs: number
}

export interface IdempotencyInput {
  principal: string
  operation: string
  /** The input as the caller sent it. */
  sent: Record<string, unknown>
  idempotencyKey: string | undefined
  trackingId: string | undefined
}

/** Throws InvalidIdempotencyKey. */
export function checkIdempotencyKey(key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) throw new InvalidIdempotencyKey()
}

/** Derives the idempotency key of a call. Only keyed digests leave this function. */
export function idempotencyKeyOf(
  { principal, operation, sent, idempotencyKey, trackingId }: IdempotencyInput,
  salt: KeyObject,
  hostIntents: boolean,
): IdempotencyIdentity {
  const input = canonical(sent)
  const fingerprint = digest(salt, 'fingerprint', operation, input)
  if (idempotencyKey !== undefined) return { name: digest(salt, principal, 'key', idempotencyKey), fingerprint, ttlMs: KEY_TTL_MS }
  if (hostIntents && trackingId && trackingId.length <= TRACKING_ID_MAX)
    return { name: digest(salt, principal, 'host', trackingId, operation, input), fingerprint, ttlMs: HOST_TTL_MS }
  return { name: undefined, fingerprint, ttlMs: HOST_TTL_MS }
}

/** HMAC-SHA256, base64url. The lengths keep one part from running over into the next. */
export function digest(salt: KeyObject, ...parts: readonly string[]): string {
  const hmac = createHmac('sha256', salt)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
  return hmac.digest('base64url')
}

/** JSON whose text does not depend on the order of the keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? 'null'
