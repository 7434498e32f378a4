import { Secret } from '../../kit/secret.ts'

/** The token of `Authorization: Bearer`, and of nothing else: any web page could act through a cookie, and logs contain queries. */
export function readBearerToken(headers: Headers): Secret | undefined {
  const token = /^bearer\s+([\x21-\x7e]{1,512})$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  return token === undefined ? undefined : new Secret(token)
}
