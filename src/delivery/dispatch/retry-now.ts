import { sql } from 'kysely'
import type { StoreTransaction } from '../../connections/registry-deps.ts'

/**
 * Makes all pending deliveries of a subscription due, and resets its failures: its endpoint is back, or its owner repaired something. Locks the
 * subscription first, as every change of deliveries does.
 */
export async function retryNow(trx: StoreTransaction, subscriptionId: string, now: Date): Promise<void> {
  await trx
    .updateTable('subscriptions')
    .set({ failures: 0, quiet_until: null, due_at: sql<Date>`least(due_at, ${now})` })
    .where('id', '=', subscriptionId)
    .execute()
  await trx
    .updateTable('deliveries')
    .set({ next_at: now })
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', sql.lit('pending'))
    .where('next_at', '>', now)
    .execute()
}
