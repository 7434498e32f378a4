import { sql } from 'kysely'
import type { DeliveryDeps } from '../deps.ts'

/** Of each source, so that thousands do not keep what comes in fresh waiting. */
const APART_MS = 20

/**
 * A process that was away may have missed webhooks, and too many failures make Pipedrive leave some out for half an hour: whenever one starts,
 * every source with a webhook is compared with Pipedrive's lists, a few at once and the rest soon after.
 */
export async function requestReconciliation({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const sources = await store.db.selectFrom('sources').select('id').where('mode', '=', 'webhook').execute()
  if (sources.length === 0) return
  const now = clock.now()
  const looks = shuffled(sources).map(({ id }, place) => ({ id, at: new Date(now + place * APART_MS) }))
  await sql`
    update sources as s set reconcile_at = least(s.reconcile_at, v.at), due_at = least(s.due_at, v.at)
    from ${store.engine.rows({ id: 'text', at: 'time' }, looks)} where s.id = v.id`.execute(store.db)
}

/** Not always the same ones first. */
const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
