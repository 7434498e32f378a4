import { sql } from 'kysely'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Clock } from '../../kit/clock.ts'

/**
 * Ends a subscription: erases its callback URL and signing key, and deletes its pending deliveries. Its Locations stay, so that ending it again
 * is no error. Its source becomes due, and removes what no other subscription needs. Returns false if it had ended before.
 */
export async function endSubscription(trx: StoreTransaction, clock: Clock, id: string, reason: string): Promise<boolean> {
  const now = new Date(clock.now())
  const ended = await trx
    .updateTable('subscriptions')
    .set({ state: 'ended', state_reason: reason, state_since: now, sealed_target: null, sealed_signing_key: null })
    .where('id', '=', id)
    .where('state', '<>', sql.lit('ended'))
    .returning('source_id')
    .executeTakeFirst()
  if (!ended) return false
  await trx.deleteFrom('deliveries').where('subscription_id', '=', id).where('state', '=', sql.lit('pending')).execute()
  await trx
    .updateTable('sources')
    .set({ due_at: sql<Date>`least(due_at, ${now})` })
    .where('id', '=', ended.source_id)
    .execute()
  return true
}
