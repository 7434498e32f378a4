import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { KeyRefused } from './errors/key-refused.ts'

/** A key that worked within this time is not a guess and was probably not replaced since: a single 401 is not trusted. */
const WORKED_RECENTLY_MS = 60 * 60_000
/** For this long a refused key is not checked again, even if the server stores it: many calls get the same 401 in sequence. */
const RESULT_TTL_MS = 10_000
/** Callers that wait for the check must not exceed their own deadline by much. */
export const KEY_CHECK_MS = 5_000
/** Digests of 43 characters: some 5 MB at most. */
const KEYS_MAX = 20_000

/** A KeyCheck is one request to Pipedrive that checks whether a key works. All calls that were in flight when its answer arrived share it. */
export interface KeyCheck {
  readonly answer: Promise<boolean>
  /** Undefined until the answer arrives. */
  isGood?: boolean
}

/** A RefusalCheck determines whether a 401 is about the key or temporary: Pipedrive and the proxies before it occasionally refuse valid keys. */
export interface RefusalCheck {
  /** Records that Pipedrive accepted this key. */
  worked(keyDigest: string): void
  /** The last answered check of this key, for `isGood`. Get it before the request is sent. */
  lastAnswered(keyDigest: string): KeyCheck | undefined
  /** Whether a refusal of this key is worth a check. A guess is not: guessing would cause twice the requests to Pipedrive. */
  isDoubtful(keyDigest: string, isStoredKey: boolean): boolean
  /** Whether the key works. `ask` is one cheap request. Throws the error of `ask` if it gets no answer about the key. */
  isGood(keyDigest: string, beforeRequest: KeyCheck | undefined, ask: () => Promise<unknown>): Promise<boolean>
}

export function createRefusalCheck(clock: Clock): RefusalCheck {
  const options = { max: KEYS_MAX, ttlResolution: 0, perf: clock }
  const workedRecently = new LRUCache<string, true>({ ...options, ttl: WORKED_RECENTLY_MS })
  const checks = new LRUCache<string, KeyCheck>({ ...options, ttl: RESULT_TTL_MS })

  async function answerOf(digest: string, ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (error) {
      if (!(error instanceof KeyRefused)) {
        checks.delete(digest)
        throw error
      }
      workedRecently.delete(digest)
      return false
    }
  }

  return {
    worked: (digest) => void workedRecently.set(digest, true),
    lastAnswered(digest) {
      const last = checks.get(digest)
      return last?.isGood === undefined ? undefined : last
    },
    isDoubtful: (digest, isStoredKey) => isStoredKey || workedRecently.has(digest) || checks.has(digest),
    isGood(digest, beforeRequest, ask) {
      const last = checks.get(digest)
      // A check from before the request was sent does not explain its 401.
      if (last && (last !== beforeRequest || last.isGood === false)) return last.answer
      const check: KeyCheck = { answer: answerOf(digest, ask).then((isGood) => (check.isGood = isGood)) }
      checks.set(digest, check)
      return check.answer
    },
  }
}
