import { sql } from 'kysely'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { Owner } from '../../connections/registry.ts'
import { retryOnDeadlock, writeAudit } from '../../connections/registry-deps.ts'
import { SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { findActiveSubscription } from './find-subscriptions.ts'
import type { Replay } from './subscriptions.ts'

/** The embedded database does one thing at a time: calls go on between the batches. */
const BATCH = 500

/**
 * Puts deliveries on their way once more, under their own ids, with all their attempts ahead of them: a receiver that keeps the ids it has seen
 * is not fooled. Later events of one record wait behind a replayed one, as ever.
 */
export async function replay(deps: DeliveryDeps, owner: Owner, id: string, what: Replay): Promise<{ replayed: number }> {
  const { store, clock } = deps
  await findActiveSubscription(store.db, owner, id)
  const meant = 'delivery' in what ? sql`id = ${what.delivery}` : 'since' in what ? sql`created_at >= ${what.since}` : sql`state = 'dead'`
  let replayed = 0
  for (let after = 0; ;) {
    const seqs = await retryOnDeadlock(store, async (trx) => {
      const now = new Date(clock.now())
      // An ended subscription's deliveries stay as they are.
      const alive = await trx.selectFrom('subscriptions').select('state').where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
      if (!alive || alive.state === 'ended') return []
      const { rows } = await sql<{ seq: number }>`
        update deliveries set state = 'pending', attempts = 0, next_at = ${now}, ended_at = null
        where seq in (
          select seq from deliveries where subscription_id = ${id} and state <> 'pending' and seq > ${after} and ${meant} order by seq limit ${BATCH}
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
  if (replayed === 0 && 'delivery' in what) await refuseUnknown(deps, id, what.delivery)
  const details = { ...('since' in what ? { since: what.since.toISOString() } : what), replayed }
  await store.transaction((trx) => writeAudit(trx, clock, owner, { action: 'subscription.replay', subject: id, details }))
  store.signal(SUBSCRIPTIONS)
  return { replayed }
}

/** One that is on its way anyway is no mistake. */
async function refuseUnknown({ store }: DeliveryDeps, id: string, deliveryId: string): Promise<void> {
  const found = await store.db
    .selectFrom('deliveries')
    .select('seq')
    .where('subscription_id', '=', id)
    .where('id', '=', deliveryId)
    .executeTakeFirst()
  if (!found) throw new NotFoundHere('delivery', deliveryId, `/api/subscriptions/${id}/deliveries`)
}
