import { createHash, randomBytes } from 'node:crypto'

const TOKEN = /^[\w-]{43}$/

/** 32 random bytes, 43 characters. It is the whole right to end a subscription: hosts send no key along. */
export const newLocationToken = (): string => randomBytes(32).toString('base64url')

/** Nobody guesses one of 2^256, so a plain hash is enough to keep. */
export const locationHash = (token: string): string =>
  createHash('sha256').update('dealbridge location\0').update(token).digest('base64url')

export const isLocationToken = (text: string): boolean => TOKEN.test(text)
