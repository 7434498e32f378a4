import type { Config } from '../config/config.ts'
import type { Clock } from '../kit/clock.ts'
import type { Transport } from '../pipedrive/transport.ts'
import { StoreUnavailable } from '../store/errors/store-unavailable.ts'
import { storeReason } from '../store/store-reason.ts'

/** A Finding is what the doctor says about one part of an installation. A problem keeps it from working; a warning does not. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'problem'
  message: string
  /** What to do about it. */
  todo?: string
}

/** A Patient is what the doctor looks at, and with what. */
export interface DoctorContext {
  config: Config
  env: NodeJS.ProcessEnv
  clock: Clock
  transport: Transport
}

/** The words of one check, for its findings. */
export const findingsOf = (check: string) => ({
  ok: (message: string): Finding => ({ check, state: 'ok', message }),
  warning: (message: string, todo: string): Finding => ({ check, state: 'warning', message, todo }),
  problem: (message: string, todo: string): Finding => ({ check, state: 'problem', message, todo }),
})

/** What an error says, on one line. A refused connection to several addresses has its reason inside. */
export function errorText(error: unknown): string {
  if (error instanceof StoreUnavailable) return storeReason(error)
  const { message, code, cause } = error as Error & { code?: string }
  const text = message || code || 'no reason is known'
  return (cause instanceof Error && text === 'fetch failed' ? errorText(cause) : text).replace(/\s+/g, ' ')
}
