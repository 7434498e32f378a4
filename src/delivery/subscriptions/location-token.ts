import { createHash, randomBytes } from 'node:crypto'

const TOKEN = /^[\w-]{43}$/

/** 32 random bytes, 43 characters. The token alone authorizes ending a subscription: hosts send no key. */
export const newLocationToken = (): string => randomBytes(32).toString('base64url')

/** 256 random bits cannot be guessed, so a hash without salt is enough. */
export const locationHash = (token: string): string =>
  createHash('sha256').update('dealbridge location\0').update(token).digest('base64url')

export const isLocationToken = (text: string): boolean => TOKEN.test(text)
