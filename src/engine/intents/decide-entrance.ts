import type { Standing } from './journal.ts'

/** An Entrance is what a call finds when it comes with the name of an intent. */
export type Entrance =
  | { do: 'start'; expired: string | undefined }
  | { do: 'refuse' }
  | { do: 'replay'; answer: unknown }
  | { do: 'wait' }
  | { do: 'pick-up'; standing: Standing }

/** Whether a call starts an intent, gets its answer, waits for it, or goes on with it. Pure. */
export function decideEntrance(standing: Standing | undefined, fingerprint: string, nowMs: number): Entrance {
  if (!standing) return { do: 'start', expired: undefined }
  if (standing.expiresAtMs <= nowMs) return { do: 'start', expired: standing.id }
  if (standing.fingerprint !== fingerprint) return { do: 'refuse' }
  if (standing.state === 'done') return { do: 'replay', answer: standing.answer }
  const mayBeAtWork = standing.state === 'running' && standing.leaseUntilMs > nowMs
  return mayBeAtWork ? { do: 'wait' } : { do: 'pick-up', standing }
}
