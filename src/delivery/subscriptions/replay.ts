import { sql } from 'kysely'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { Owner } from '../../connections/registry.ts'
import { retryOnDeadlock, writeAudit } from '../../connections/registry-deps.ts'
import { SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { findActiveSubscription } from './find-subscriptions.ts'
import type { ReplaySelection } from './subscriptions.ts'

/** The embedded database runs one statement at a time: calls run between the batches. */
const BATCH = 500

/**
 * Makes deliveries pending again, with their old ids and all attempts: an endpoint that stores delivery ids can recognize the repetition.
 * Later deliveries of the same record wait for a replayed one, as always.
 */
export async function replay(deps: DeliveryDeps, owner: Owner, id: string, selection: ReplaySelection): Promise<{ replayed: number }> {
  const { store, clock } = deps
  await findActiveSubscription(store.db, owner, id)
  const condition =
    'delivery' in selection
      ? sql`id = ${selection.delivery}`
      : 'since' in selection
        ? sql`created_at >= ${selection.since}`
        : sql`state = 'dead'`
  let replayed = 0
  for (let after = 0; ;) {
    const seqs = await retryOnDeadlock(store, async (trx) => {
      const now = new Date(clock.now())
      // The subscription may have ended since the check.
      const subscription = await trx.selectFrom('subscriptions').select('state').where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
      if (!subscription || subscription.state === 'ended') return []
      const { rows } = await sql<{ seq: number }>`
        update deliveries set state = 'pending', attempts = 0, next_at = ${now}, ended_at = null
        where seq in (
          select seq from deliveries where subscription_id = ${id} and state <> 'pending' and seq > ${after} and ${condition} order by seq limit ${BATCH}
        ) returning seq`.execute(trx)
      if (rows.length > 0)
        await trx
          .updateTable('subscriptions')
          .set({ due_at: sql<Date>`least(due_at, ${now})` })
          .where('id', '=', id)
          .execute()
      return rows.map(({ seq }) => seq)
    })
    replayed += seqs.length
    if (seqs.length < BATCH) break
    after = Math.max(...seqs)
  }
  if (replayed === 0 && 'delivery' in selection) await assertDeliveryExists(deps, id, selection.delivery)
  const details = { ...('since' in selection ? { since: selection.since.toISOString() } : selection), replayed }
  await store.transaction((trx) => writeAudit(trx, clock, owner, { action: 'subscription.replay', subject: id, details }))
  store.signal(SUBSCRIPTIONS)
  return { replayed }
}

/** A delivery that is pending already is no error. */
async function assertDeliveryExists({ store }: DeliveryDeps, id: string, deliveryId: string): Promise<void> {
  const found = await store.db
    .selectFrom('deliveries')
    .select('seq')
    .where('subscription_id', '=', id)
    .where('id', '=', deliveryId)
    .executeTakeFirst()
  if (!found) throw new NotFoundHere('delivery', deliveryId, `/api/subscriptions/${id}/deliveries`)
}
