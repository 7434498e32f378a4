import type { Config } from '../config/config.ts'
import type { Clock } from '../kit/clock.ts'
import type { Transport } from '../pipedrive/transport.ts'
import { StoreUnavailable } from '../store/errors/store-unavailable.ts'
import { storeReason } from '../store/store-reason.ts'

/** A Finding is the result of one check of an installation. A problem keeps it from working; a warning does not. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'problem'
  message: string
  /** What to do about it. */
  todo?: string
}

/** A DoctorContext is what the checks examine, and with what. */
export interface DoctorContext {
  config: Config
  env: NodeJS.ProcessEnv
  clock: Clock
  transport: Transport
}

/** Creates the findings of one check. */
export const findingsOf = (check: string) => ({
  ok: (message: string): Finding => ({ check, state: 'ok', message }),
  warning: (message: string, todo: string): Finding => ({ check, state: 'warning', message, todo }),
  problem: (message: string, todo: string): Finding => ({ check, state: 'problem', message, todo }),
})

/** The message of an error, on one line. A refused connection to several addresses has the reason in its cause. */
export function errorText(error: unknown): string {
  if (error instanceof StoreUnavailable) return storeReason(error)
  const { message, code, cause } = error as Error & { code?: string }
  const text = message || code || 'no reason is known'
  return (cause instanceof Error && text === 'fetch failed' ? errorText(cause) : text).replace(/\s+/g, ' ')
}
