import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { RateLimitExceeded } from '../kit/errors/rate-limit-exceeded.ts'
import type { Secret } from '../kit/secret.ts'
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
  /** What logs and counters may call the connection: 12 characters that mean nothing outside this process. */
  labelOf(key: Secret): string
  /** Throws KeyRefusedEarlier or TooManyRefusedKeys for a key that is not worth asking Pipedrive about. */
  admit(key: Secret, address: string): void
  /** Pipedrive has refused this key (401). */
  refused(key: Secret, address: string): void
  /** Pipedrive has served this key: it is no guess, and passes even when others behind the same address are guessing. */
  accepted(key: Secret): void
  /** Counts one call of the connection or throws RateLimitExceeded. `refund` takes the call back, for our own 4xx that asked Pipedrive nothing. */
  count(key: Secret): Promise<{ refund(): Promise<void> }>
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

  return {
    labelOf: (key) => name(key).slice(0, LABEL_LENGTH),
    admit(key, address) {
      const digest = name(key)
      if (acceptedKeys.has(digest)) return
      const wait = refusals.secondsUntilFree(networkOf(address))
      if (wait > 0) throw new TooManyRefusedKeys(wait)
      if (refusedKeys.has(digest)) throw new KeyRefusedEarlier()
    },
    refused(key, address) {
      const digest = name(key)
      acceptedKeys.delete(digest)
      // One flow that repeats one dead key is no guesser: each key counts once.
      if (!refusedKeys.has(digest)) refusals.add(networkOf(address))
      refusedKeys.set(digest, true)
    },
    accepted(key) {
      const digest = name(key)
      refusedKeys.delete(digest)
      acceptedKeys.set(digest, true)
    },
    count(key) {
      const digest = name(key)
      const wait = calls.secondsUntilFree(digest)
      if (wait > 0) return Promise.reject(new RateLimitExceeded(wait))
      const takeBack = calls.add(digest)
      return Promise.resolve({ refund: () => Promise.resolve(takeBack()) })
    },
    limitsCompanies: companies.size > 0,
    checkCompany(companyId) {
      if (companies.size > 0 && !companies.has(companyId)) throw new CompanyNotAllowed(companyId)
    },
  }
}
