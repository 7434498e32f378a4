import { Secret } from '../../kit/secret.ts'

/** The token of `Authorization: Bearer`, and of nothing else: any web page could act through a cookie, and logs contain queries. */
export function readBearerToken(headers: Headers): Secret | undefined {
  const token = /^bearer\s+([\x21-\x7e]{1,512})$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  return token === undefined ? undefined : new Secret(token)
}

/** Whether `given` is one of `tokens`; the time depends neither on where two texts differ nor on their length. */
export function isOneOf(given: Secret, tokens: readonly Secret[]): boolean {
  // No early return: its timing would reveal which token matched.
  return tokens.map((token) => token.equals(given)).includes(true)
}
