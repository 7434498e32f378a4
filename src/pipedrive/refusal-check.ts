import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { KeyRefused } from './errors/key-refused.ts'

/** A key that worked within this time is no guess, and was hardly replaced since: one 401 is not enough to believe it. */
const WORKED_LATELY_MS = 60 * 60_000
/** For this long a refused key is not asked about again, even where the server keeps it: many calls meet the same 401 one after the other. */
const ANSWER_KEPT_MS = 10_000
/** Those who wait for the question must not miss their own deadline by much. */
export const QUESTION_MS = 5_000
/** Digests of 43 characters: some 5 MB at most. */
const KEYS_MAX = 20_000

/** A KeyQuestion is one question to Pipedrive whether a key works. All calls that were under way when the answer came share it. */
export interface KeyQuestion {
  readonly answer: Promise<boolean>
  /** Undefined until the answer came. */
  isGood?: boolean
}

/** A RefusalCheck finds out whether a 401 is about the key, or passes: Pipedrive and the proxies before it refuse good keys now and then. */
export interface RefusalCheck {
  /** Pipedrive has served this key. */
  worked(keyDigest: string): void
  /** The question about this key that was answered last, for `isGood`. Take it before the request is sent. */
  lastAnswered(keyDigest: string): KeyQuestion | undefined
  /** Whether a refusal of this key is worth a question. A guess is not: guessing would cost Pipedrive twice the requests. */
  isDoubtful(keyDigest: string, isStoredKey: boolean): boolean
  /** Whether the key works after all. `ask` is one cheap request. Throws what keeps the question from an answer. */
  isGood(keyDigest: string, beforeRequest: KeyQuestion | undefined, ask: () => Promise<unknown>): Promise<boolean>
}

export function createRefusalCheck(clock: Clock): RefusalCheck {
  const options = { max: KEYS_MAX, ttlResolution: 0, perf: clock }
  const workedLately = new LRUCache<string, true>({ ...options, ttl: WORKED_LATELY_MS })
  const questions = new LRUCache<string, KeyQuestion>({ ...options, ttl: ANSWER_KEPT_MS })

  async function answerOf(digest: string, ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (error) {
      if (!(error instanceof KeyRefused)) {
        questions.delete(digest)
        throw error
      }
      workedLately.delete(digest)
      return false
    }
  }

  return {
    worked: (digest) => void workedLately.set(digest, true),
    lastAnswered(digest) {
      const last = questions.get(digest)
      return last?.isGood === undefined ? undefined : last
    },
    isDoubtful: (digest, isStoredKey) => isStoredKey || workedLately.has(digest) || questions.has(digest),
    isGood(digest, beforeRequest, ask) {
      const last = questions.get(digest)
      // That the key worked before the request was sent does not explain its 401.
      if (last && (last !== beforeRequest || last.isGood === false)) return last.answer
      const question: KeyQuestion = { answer: answerOf(digest, ask).then((isGood) => (question.isGood = isGood)) }
      questions.set(digest, question)
      return question.answer
    },
  }
}
