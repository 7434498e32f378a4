import { sql } from 'kysely'
import type { DeliveryDeps } from '../deps.ts'

/** Between two sources, so that thousands of them do not delay incoming webhooks. */
const SPACING_MS = 20

/**
 * Makes every source with a webhook due for a comparison with Pipedrive's lists, one after another. For the start of a process, which may have
 * missed webhooks while it was down: after too many failures Pipedrive skips some for half an hour.
 */
export async function requestReconciliation({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const sources = await store.db.selectFrom('sources').select('id').where('mode', '=', 'webhook').execute()
  if (sources.length === 0) return
  const now = clock.now()
  const due = shuffled(sources).map(({ id }, place) => ({ id, at: new Date(now + place * SPACING_MS) }))
  await sql`
    update sources as s set reconcile_at = least(s.reconcile_at, v.at), due_at = least(s.due_at, v.at)
    from ${store.engine.rows({ id: 'text', at: 'time' }, due)} where s.id = v.id`.execute(store.db)
}

/** Random, so that it is not always the same ones first. */
const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
