import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The user name of the basic auth that webhooks bring; their password is the secret. */
export const HOOK_USER = 'dealbridge'
export const HOOK_PATH = '/hooks'

/** 32 random bytes, 43 characters: nobody guesses one, so a plain hash is enough to keep. */
export const newHookSecret = (): string => randomBytes(32).toString('base64url')
export const hookHash = (secret: string): string => createHash('sha256').update('dealbridge hook\0').update(secret).digest('base64url')

const TOKEN = /^[\w-]{43}$/

/** The secret in the path of a webhook's address; undefined when it is none of ours. */
export function hookTokenOf(url: string): string | undefined {
  const token = URL.parse(url)?.pathname.split(`${HOOK_PATH}/`)[1]
  return token !== undefined && isHookToken(token) ? token : undefined
}

export const isHookToken = (text: string): boolean => TOKEN.test(text)

/** Whether an Authorization header brings the password with this hash. Takes the same time whatever is wrong with it. */
export function bringsPassword(authorization: string | undefined, passwordHash: string): boolean {
  const credentials = /^basic\s+([\w+/=-]{1,400})$/i.exec(authorization?.trim() ?? '')?.[1] ?? ''
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const given = hookHash(colon < 0 ? '' : text.slice(colon + 1))
  return timingSafeEqual(Buffer.from(given), Buffer.from(passwordHash))
}
