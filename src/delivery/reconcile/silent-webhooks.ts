import type { Clock } from '../../kit/clock.ts'
import type { Source } from '../deps.ts'
import { WEBHOOK_ARRIVES_MS } from './reconcile.ts'

/**
 * SilentWebhooks remember the sources whose events reconciliation found before their webhook arrived. That webhook may still arrive, or Pipedrive
 * sends none: a banned webhook looks like any other. If none has arrived when it is overdue, the webhook is silent. Kept in memory only: a process
 * compares all lists when it starts.
 */
export interface SilentWebhooks {
  /** A comparison that began at `since` found events without a webhook. */
  suspect(sourceId: string, since: number): void
  /** When to call `isSilent`; undefined if the source is not suspected. */
  checkAt(sourceId: string): Date | undefined
  /** True once. */
  isSilent(source: Pick<Source, 'id' | 'last_webhook_at'>): boolean
}

export function createSilentWebhooks(clock: Clock): SilentWebhooks {
  const suspected = new Map<string, { since: number; checkAt: number }>()
  return {
    suspect: (id, since) => void (suspected.has(id) || suspected.set(id, { since, checkAt: clock.now() + WEBHOOK_ARRIVES_MS })),
    checkAt(id) {
      const suspicion = suspected.get(id)
      return suspicion && new Date(suspicion.checkAt)
    },
    isSilent({ id, last_webhook_at: last }) {
      const suspicion = suspected.get(id)
      if (!suspicion || suspicion.checkAt > clock.now()) return false
      suspected.delete(id)
      return last === null || last.getTime() < suspicion.since
    },
  }
}
