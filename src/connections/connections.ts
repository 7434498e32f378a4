import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { RateLimitExceeded } from '../kit/errors/rate-limit-exceeded.ts'
import type { Secret } from '../kit/secret.ts'
import type { Acting } from './acting.ts'
import type { Credential } from './credential.ts'
import { CONNECTION_KEY_PREFIX } from './credential.ts'
import { ConnectionKeyRefused } from './errors/connection-key-refused.ts'
import { CompanyNotAllowed } from './errors/company-not-allowed.ts'
import { KeyRefusedEarlier } from './errors/key-refused-earlier.ts'
import { TooManyRefusedKeys } from './errors/too-many-refused-keys.ts'
import { createFixedWindow } from './fixed-window.ts'
import { networkOf } from './network.ts'

/** The contract's limit: 100 calls in 60 seconds for one connection. */
export const CALLS_PER_MINUTE = 100
/** Long enough to spare Pipedrive a flow with a dead key, short enough for somebody who has just repaired the account. */
const REFUSAL_REMEMBERED_MS = 5 * 60_000
/** Nobody mistypes more keys than this in a minute; a guesser does. */
const REFUSED_KEYS_PER_MINUTE = 20
const ACCEPTANCE_REMEMBERED_MS = 60 * 60_000
const WINDOW_SECONDS = 60
/** Digests of 43 characters: some 5 MB at most. */
const KEYS_MAX = 20_000
const LABEL_LENGTH = 12

/** Connections is what this process knows of the Pipedrive accounts that callers act as: their limits and refusals, never their keys. */
export interface Connections {
  /** Whom a call acts as. Throws ConnectionKeyRefused for a connection key that is none (any more), or is another connection's. */
  resolve(credential: Credential, address: string): Promise<Acting>
  /** The same for a trigger state that was made with a connection key and arrives without any. */
  resolveKeyId(connectionKeyId: string): Promise<Acting>
  /** What logs and counters may call the connection: 12 characters of its principal. */
  labelOf(acting: Acting): string
  /** Throws KeyRefusedEarlier or TooManyRefusedKeys for a key that is not worth asking Pipedrive about. */
  admit(acting: Acting, address: string): void
  /** Pipedrive has refused this key (401): a named connection needs attention from now on. */
  refused(acting: Acting, address: string): void
  /** Pipedrive has served this key: it is no guess, and passes even when others behind the same address are guessing. A named connection is well again. */
  accepted(acting: Acting): void
  /** Counts one call of the connection or throws RateLimitExceeded. `refund` takes the call back, for our own 4xx that asked Pipedrive nothing. */
  count(acting: Acting): Promise<{ refund(): Promise<void> }>
  /** Whether checkCompany can refuse anything: only then is it worth finding out the company. */
  readonly limitsCompanies: boolean
  /** Throws CompanyNotAllowed. */
  checkCompany(companyId: number): void
}

export interface ConnectionsOptions {
  clock: Clock
  /** Pipedrive's base URL: the same key at another upstream is another connection. */
  upstream: string
  callsPerMinute?: number
  /** Pipedrive company ids; none means all. */
  allowCompanies?: readonly number[]
}

export function createConnections({
  clock,
  upstream,
  callsPerMinute = CALLS_PER_MINUTE,
  allowCompanies = [],
}: ConnectionsOptions): Connections {
  // The random part makes what lies in memory worthless anywhere else.
  const pepper = createSecretKey(createHmac('sha256', randomBytes(32)).update(upstream).digest())
  const name = (key: Secret): string => key.digest(pepper)
  const remembered = (ttl: number) => new LRUCache<string, true>({ max: KEYS_MAX, ttl, ttlResolution: 0, perf: clock })
  const refusedKeys = remembered(REFUSAL_REMEMBERED_MS)
  const acceptedKeys = remembered(ACCEPTANCE_REMEMBERED_MS)
  const refusals = createFixedWindow({ clock, limit: REFUSED_KEYS_PER_MINUTE, seconds: WINDOW_SECONDS })
  const calls = createFixedWindow({ clock, limit: callsPerMinute, seconds: WINDOW_SECONDS })
  const companies = new Set(allowCompanies)

  const refuse = () => {
    throw new ConnectionKeyRefused('This server keeps no connections (--store none).')
  }
  return {
    resolve({ key, connectionId }) {
      if (!key || connectionId !== undefined || key.reveal().startsWith(CONNECTION_KEY_PREFIX)) return Promise.resolve().then(refuse)
      return Promise.resolve({ key, principal: name(key) })
    },
    resolveKeyId: () => Promise.resolve().then(refuse),
    labelOf: ({ principal }) => principal.slice(0, LABEL_LENGTH),
    admit({ principal }, address) {
      if (acceptedKeys.has(principal)) return
      const wait = refusals.secondsUntilFree(networkOf(address))
      if (wait > 0) throw new TooManyRefusedKeys(wait)
      if (refusedKeys.has(principal)) throw new KeyRefusedEarlier()
    },
    refused({ principal }, address) {
      acceptedKeys.delete(principal)
      // One flow that repeats one dead key is no guesser: each key counts once.
      if (!refusedKeys.has(principal)) refusals.add(networkOf(address))
      refusedKeys.set(principal, true)
    },
    accepted({ principal }) {
      refusedKeys.delete(principal)
      acceptedKeys.set(principal, true)
    },
    count({ principal }) {
      const wait = calls.secondsUntilFree(principal)
      if (wait > 0) return Promise.reject(new RateLimitExceeded(wait))
      const takeBack = calls.add(principal)
      return Promise.resolve({ refund: () => Promise.resolve(takeBack()) })
    },
    limitsCompanies: companies.size > 0,
    checkCompany(companyId) {
      if (companies.size > 0 && !companies.has(companyId)) throw new CompanyNotAllowed(companyId)
    },
  }
}
