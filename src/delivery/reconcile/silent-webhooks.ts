import type { Clock } from '../../kit/clock.ts'
import type { Source } from '../deps.ts'
import { WEBHOOK_ARRIVES_MS } from './reconcile.ts'

/**
 * Suspicions are about webhooks whose events a list has told first. Such a webhook may be on its way, or nobody sends any: one that was banned
 * looks like every other. When none has come by the time at which it must have, it is silent. Forgotten with the process, which compares all
 * lists when it starts.
 */
export interface SilentWebhooks {
  /** A round that began at `since` has told what no webhook had. */
  raise(sourceId: string, since: number): void
  /** When to ask; undefined when there is nothing to ask. */
  judgedAt(sourceId: string): Date | undefined
  /** Asks once. */
  isSilent(source: Pick<Source, 'id' | 'last_webhook_at'>): boolean
}

export function createSilentWebhooks(clock: Clock): SilentWebhooks {
  const raised = new Map<string, { since: number; judgedAt: number }>()
  return {
    raise: (id, since) => void (raised.has(id) || raised.set(id, { since, judgedAt: clock.now() + WEBHOOK_ARRIVES_MS })),
    judgedAt(id) {
      const suspicion = raised.get(id)
      return suspicion && new Date(suspicion.judgedAt)
    },
    isSilent({ id, last_webhook_at: last }) {
      const suspicion = raised.get(id)
      if (!suspicion || suspicion.judgedAt > clock.now()) return false
      raised.delete(id)
      return last === null || last.getTime() < suspicion.since
    },
  }
}
