import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import type { Metrics } from '../kit/metrics.ts'
import { TooManyRefusedKeys } from './errors/too-many-refused-keys.ts'
import { createFixedWindow } from './fixed-window.ts'
import { networkOf } from './network.ts'

/** Long enough to keep a flow with a dead key away from Pipedrive, short enough for an operator who has just repaired the account. */
const REFUSAL_REMEMBERED_MS = 5 * 60_000
/** A person mistypes fewer keys than this in a minute; a guesser tries more. */
const REFUSED_KEYS_PER_MINUTE = 20
const ACCEPTANCE_REMEMBERED_MS = 60 * 60_000
const WINDOW_SECONDS = 60
/** Digests of 43 characters: some 5 MB at most. */
const KEYS_MAX = 20_000

/** An AuthThrottle slows down the guessing of keys, by network address, without blocking valid keys from the same address. `name` is a digest of the key. */
export interface AuthThrottle {
  /** Throws TooManyRefusedKeys, unless this key was accepted recently. */
  check(name: string, address: string): void
  /** Whether the key was refused within the last 5 minutes. */
  wasRefused(name: string): boolean
  /** A flow that repeats one dead key is not guessing: each key counts once, and a recently accepted key does not count. Without an address, no address is charged. */
  recordRefusal(name: string, address?: string): void
  /** The key then passes even if its address is throttled. */
  recordAcceptance(name: string): void
}

export function createAuthThrottle({ clock, metrics }: { clock: Clock; metrics: Metrics }): AuthThrottle {
  const remembered = (ttl: number) => new LRUCache<string, true>({ max: KEYS_MAX, ttl, ttlResolution: 0, perf: clock })
  const refusedKeys = remembered(REFUSAL_REMEMBERED_MS)
  const acceptedKeys = remembered(ACCEPTANCE_REMEMBERED_MS)
  const refusals = createFixedWindow({ clock, limit: REFUSED_KEYS_PER_MINUTE, seconds: WINDOW_SECONDS })
  return {
    check(name, address) {
      if (acceptedKeys.has(name)) return
      const wait = refusals.secondsUntilFree(networkOf(address))
      if (wait === 0) return
      metrics.limitHit('refused-keys')
      throw new TooManyRefusedKeys(wait)
    },
    wasRefused: (name) => refusedKeys.has(name),
    recordRefusal(name, address) {
      const isGuess = !acceptedKeys.has(name) && !refusedKeys.has(name)
      acceptedKeys.delete(name)
      if (address !== undefined && isGuess) refusals.add(networkOf(address))
      refusedKeys.set(name, true)
    },
    recordAcceptance(name) {
      refusedKeys.delete(name)
      acceptedKeys.set(name, true)
    },
  }
}
