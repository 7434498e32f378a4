import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The user name that webhooks send as basic auth; the password is the secret. */
export const HOOK_USER = 'dealbridge'
export const HOOK_PATH = '/hooks'

/** 32 random bytes, 43 characters: unguessable, so storing a plain hash is enough. */
export const newHookSecret = (): string => randomBytes(32).toString('base64url')
export const hookHash = (secret: string): string => createHash('sha256').update('dealbridge hook\0').update(secret).digest('base64url')

const TOKEN = /^[\w-]{43}$/

/** The secret in the path of a webhook's address; undefined if it has none. */
export function hookTokenOf(url: string): string | undefined {
  const token = URL.parse(url)?.pathname.split(`${HOOK_PATH}/`)[1]
  return token !== undefined && isHookToken(token) ? token : undefined
}

export const isHookToken = (text: string): boolean => TOKEN.test(text)

/** Whether an Authorization header contains the password with this hash. Takes the same time for every mistake. */
export function hasPassword(authorization: string | undefined, passwordHash: string): boolean {
  const credentials = /^basic\s+([\w+/=-]{1,400})$/i.exec(authorization?.trim() ?? '')?.[1] ?? ''
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const hash = hookHash(colon < 0 ? '' : text.slice(colon + 1))
  return timingSafeEqual(Buffer.from(hash), Buffer.from(passwordHash))
}
