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
/** A call has 25 s at Pipedrive. Callers that wait this long for one of those have met an outage, not a guesser. */
const TRIAL_WAIT_MS = 10_000
/** The pause for a caller whose key could not be tried. */
const TRIAL_RETRY_SECONDS = 5

/**
 * An AuthThrottle slows down the guessing of secrets, by network address, without blocking valid ones from the same address. Every place
 * that compares a secret of a caller uses the same one, so that a guesser has one limit in all. `name` is a digest of the secret.
 */
export interface AuthThrottle {
  /** Throws TooManyRefusedKeys, unless this key was accepted recently. Call it before the comparison with a secret that a person chose: it may be weak. */
  check(name: string, address: string): void
  /** Whether the key was refused within the last 5 minutes. */
  wasRefused(name: string): boolean
  /** A flow that repeats one dead key is not guessing: each key counts once, and a recently accepted key does not count. Without an address, no address is charged. */
  recordRefusal(name: string, address?: string): void
  /**
   * Records a refusal, or throws TooManyRefusedKeys. For secrets of 256 random bits, after the look-up: those cannot be guessed, and a valid
   * one passes even if its address is throttled.
   */
  refuse(name: string, address: string): void
  /** The key then passes even if its address is throttled. */
  recordAcceptance(name: string): void
  /**
   * Before a key of unknown validity is sent to Pipedrive: an address has no more such keys on trial at once than it may have refused, and
   * others wait for their results. Call what it returns when the result is recorded. Throws TooManyRefusedKeys.
   */
  startTrial(name: string, address: string): Promise<() => void>
}

/** A Trial is the keys of one network that Pipedrive is being asked about, each with the number of its calls. */
interface Trial {
  calls: Map<string, number>
  waiting: Set<() => void>
}

const nothing = () => undefined

export function createAuthThrottle({ clock, metrics }: { clock: Clock; metrics: Metrics }): AuthThrottle {
  const remembered = (ttl: number) => new LRUCache<string, true>({ max: KEYS_MAX, ttl, ttlResolution: 0, perf: clock })
  const refusedKeys = remembered(REFUSAL_REMEMBERED_MS)
  const acceptedKeys = remembered(ACCEPTANCE_REMEMBERED_MS)
  const refusals = createFixedWindow({ clock, limit: REFUSED_KEYS_PER_MINUTE, seconds: WINDOW_SECONDS })
  const trials = new Map<string, Trial>()

  const fail = (seconds: number): never => {
    metrics.limitHit('refused-keys')
    throw new TooManyRefusedKeys(seconds)
  }
  const check: AuthThrottle['check'] = (name, address) => {
    if (acceptedKeys.has(name)) return
    const wait = refusals.secondsUntilFree(networkOf(address))
    if (wait > 0) fail(wait)
  }
  const recordRefusal: AuthThrottle['recordRefusal'] = (name, address) => {
    const isGuess = !acceptedKeys.has(name) && !refusedKeys.has(name)
    acceptedKeys.delete(name)
    if (address !== undefined && isGuess) refusals.add(networkOf(address))
    refusedKeys.set(name, true)
  }
  /** Resolves when a call of the trial ends, or after `ms`. A real timer: the sleep of a test's clock would end at once. */
  const endOfCall = ({ waiting }: Trial, ms: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      waiting.add(wake)
    })
  function endCall(network: string, name: string): void {
    const trial = trials.get(network)!
    const calls = trial.calls.get(name)! - 1
    if (calls > 0) trial.calls.set(name, calls)
    else trial.calls.delete(name)
    if (trial.calls.size === 0) trials.delete(network)
    for (const wake of trial.waiting) wake()
  }

  return {
    check,
    wasRefused: (name) => refusedKeys.has(name),
    recordRefusal,
    refuse(name, address) {
      check(name, address)
      recordRefusal(name, address)
    },
    recordAcceptance(name) {
      refusedKeys.delete(name)
      acceptedKeys.set(name, true)
    },
    async startTrial(name, address) {
      const network = networkOf(address)
      const until = performance.now() + TRIAL_WAIT_MS
      for (;;) {
        if (acceptedKeys.has(name)) return nothing
        check(name, address)
        const trial: Trial = trials.get(network) ?? { calls: new Map(), waiting: new Set() }
        const calls = trial.calls.get(name) ?? 0
        if (calls > 0 || trial.calls.size < refusals.left(network)) {
          trials.set(network, trial)
          trial.calls.set(name, calls + 1)
          return () => endCall(network, name)
        }
        const waitMs = until - performance.now()
        if (waitMs <= 0) fail(TRIAL_RETRY_SECONDS)
        await endOfCall(trial, waitMs)
      }
    },
  }
}
