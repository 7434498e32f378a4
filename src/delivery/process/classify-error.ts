import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const FIRST_PAUSE_MS = 2_000
/** After a repair, work continues within this time. */
const PAUSE_MAX_MS = 5 * 60_000
/** Of a retry-after from Pipedrive. The company may buy more tokens meanwhile. */
const RETRY_AFTER_MAX_MS = 3_600_000
/** SQLSTATE classes of statements that the database refuses for their content: data, constraints. */
const CONTENT_CLASSES = new Set(['22', '23'])

/** The pause before the next try, which grows with each. `random` is from 0 to 1, so that what failed together is not retried together. */
export function retryDelayMs(error: unknown, tries: number, random: number): number {
  const pauseMs = Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  const jittered = pauseMs * (0.5 + random / 2)
  const retryAfterMs = error instanceof DealbridgeError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
  return Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS) + jittered * 0.1)
}

/** For the operator, without secrets: errors of this program contain none; of others only the kind is shown. */
export const describeError = (error: unknown): string => {
  if (error instanceof DealbridgeError) return `${error.code}: ${error.message}`
  return error instanceof Error ? `${error.name}${codeOf(error)}` : 'unknown'
}

const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? ` (${code})` : ''
}

/** Whether the content is at fault, not a service: the database refuses it, or the program fails on it. A retry fails again. */
export const isPoisonMessage = (error: unknown): boolean => {
  if (error instanceof TypeError || error instanceof RangeError) return true
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && code.length === 5 && CONTENT_CLASSES.has(code.slice(0, 2))
}
