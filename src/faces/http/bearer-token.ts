import { createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../../kit/secret.ts'

/** The token of `Authorization: Bearer`, and of nothing else: a cookie would let any page of a browser act, and a query lands in logs. */
export function readBearerToken(headers: Headers): Secret | undefined {
  const token = /^bearer\s+([\x21-\x7e]{1,512})$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  return token === undefined ? undefined : new Secret(token)
}

const COMPARED_WITH = createSecretKey(randomBytes(32))
const digest = (secret: Secret): Buffer => Buffer.from(secret.digest(COMPARED_WITH))

/** Whether `given` is one of `tokens`; takes the same time wherever two texts differ, and however long they are. */
export function isOneOf(given: Secret, tokens: readonly Secret[]): boolean {
  const wanted = digest(given)
  // No early end: it would tell which one.
  return tokens.map((token) => timingSafeEqual(wanted, digest(token))).includes(true)
}
