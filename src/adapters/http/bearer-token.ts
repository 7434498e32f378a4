import { Secret } from '../../kit/secret.ts'

/** The token of `Authorization: Bearer`, and of nothing else: a cookie would let any page of a browser act, and a query lands in logs. */
export function readBearerToken(headers: Headers): Secret | undefined {
  const token = /^bearer\s+([\x21-\x7e]{1,512})$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  return token === undefined ? undefined : new Secret(token)
}

/** Whether `given` is one of `tokens`; takes the same time wherever two texts differ, and however long they are. */
export function isOneOf(given: Secret, tokens: readonly Secret[]): boolean {
  // No early end: it would tell which one.
  return tokens.map((token) => token.equals(given)).includes(true)
}
