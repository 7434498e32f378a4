import { sql } from 'kysely'
import type { DeliveryDeps } from '../deps.ts'

/** Of each source, so that thousands do not keep what comes in fresh waiting. */
const APART_MS = 20

/**
 * A process that was away may have missed webhooks, and too many failures make Pipedrive leave some out for half an hour: whenever one starts,
 * every source with a webhook is compared with Pipedrive's lists, a few at once and the rest soon after.
 */
export async function requestReconciliation({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const now = new Date(clock.now())
  await sql`
    update sources as s set reconcile_at = least(s.reconcile_at, w.at), due_at = least(s.due_at, w.at)
    from (
      select id, ${now}::timestamptz + make_interval(secs => (row_number() over (order by random()) - 1) * ${APART_MS / 1_000}::float8) as at
      from sources where mode = 'webhook'
    ) as w where s.id = w.id`.execute(store.db)
}
