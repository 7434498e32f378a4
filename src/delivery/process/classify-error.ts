import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const FIRST_PAUSE_MS = 2_000
/** Whoever repairs something wants to see that it goes on. */
const LONGEST_PAUSE_MS = 5 * 60_000
/** Said by Pipedrive, who knows best; but somebody may have bought more tokens meanwhile. */
const LONGEST_OBEYED_MS = 3_600_000
/** SQLSTATE classes of statements that the database refuses for what they say: data, constraints. */
const REFUSED = new Set(['22', '23'])

/** How long to leave something alone that has failed so often. `random` is from 0 to 1, so that many that failed together do not come back together. */
export function retryDelayMs(error: unknown, tries: number, random: number): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  const jittered = pauseMs * (0.5 + random / 2)
  const saidMs = error instanceof DealbridgeError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
  return Math.max(jittered, Math.min(saidMs, LONGEST_OBEYED_MS) + jittered * 0.1)
}

/** For people, without secrets: errors of this program carry none, of others only the kind is told. */
export const describeError = (error: unknown): string => {
  if (error instanceof DealbridgeError) return `${error.code}: ${error.message}`
  return error instanceof Error ? `${error.name}${codeOf(error)}` : 'unknown'
}

const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? ` (${code})` : ''
}

/** Whether it lies in what was worked with, rather than in who was asked: the database refuses it, or the program chokes on it. */
export const isPoisonMessage = (error: unknown): boolean => {
  if (error instanceof TypeError || error instanceof RangeError) return true
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && code.length === 5 && REFUSED.has(code.slice(0, 2))
}
