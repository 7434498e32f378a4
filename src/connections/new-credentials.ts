import { randomBytes } from 'node:crypto'
import type { Secret } from '../kit/secret.ts'
import { CONNECTION_KEY_PREFIX } from './credential.ts'

export const OWNER_TOKEN_PREFIX = 'dbo_'
/** 2^256 values cannot be guessed, so a plain hash is safe to store. */
const SECRET_BYTES = 32

/** 32 hex digits. */
export const newId = (): string => randomBytes(16).toString('hex')

/** The prefix and 43 characters. */
const newSecret = (prefix: string): string => prefix + randomBytes(SECRET_BYTES).toString('base64url')
export const newConnectionKey = (): string => newSecret(CONNECTION_KEY_PREFIX)
export const newOwnerToken = (): string => newSecret(OWNER_TOKEN_PREFIX)

/** The stored form of a connection key or a token. Not keyed, so that it survives export and import. */
export const connectionKeyHash = (key: Secret): string => key.digest('dealbridge connection key')
export const ownerTokenHash = (token: Secret): string => token.digest('dealbridge owner token')
