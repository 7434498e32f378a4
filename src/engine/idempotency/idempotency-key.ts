import { createHmac, type KeyObject } from 'node:crypto'
import { InvalidIdempotencyKey } from './errors/invalid-idempotency-key.ts'

const MINUTE_MS = 60_000
/** As the contract promises to whoever sends an Idempotency-Key. */
const KEY_LIVES_MS = 24 * 60 * MINUTE_MS
/** Hosts repeat a call for some minutes; who resubmits a run by hand does it soon, and means it. */
const HOST_LIVES_MS = 30 * MINUTE_MS
const TRACKING_ID_MAX = 255

/** An IntentName is under which name a call's intent is found again, by its repeats alone. */
export interface IdempotencyIdentity {
  /** None when nothing names the intent: then it is never replayed. */
  name: string | undefined
  /** What is to be done; the same name with another fingerprint is a mistake of the caller. */
  fingerprint: string
  livesMs: number
}

export interface IdempotencyInput {
  principal: string
  operation: string
  /** As it came from the caller. */
  sent: Record<string, unknown>
  idempotencyKey: string | undefined
  trackingId: string | undefined
}

/** Throws InvalidIdempotencyKey. */
export function checkIdempotencyKey(key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) throw new InvalidIdempotencyKey()
}

/** Names the intent of a call. Only keyed digests leave this function. */
export function idempotencyKeyOf(
  { principal, operation, sent, idempotencyKey, trackingId }: IdempotencyInput,
  salt: KeyObject,
  hostIntents: boolean,
): IdempotencyIdentity {
  const input = canonical(sent)
  const fingerprint = digest(salt, 'fingerprint', operation, input)
  if (idempotencyKey !== undefined) return { name: digest(salt, principal, 'key', idempotencyKey), fingerprint, livesMs: KEY_LIVES_MS }
  if (hostIntents && trackingId && trackingId.length <= TRACKING_ID_MAX)
    return { name: digest(salt, principal, 'host', trackingId, operation, input), fingerprint, livesMs: HOST_LIVES_MS }
  return { name: undefined, fingerprint, livesMs: HOST_LIVES_MS }
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

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
