import { sql } from 'kysely'
import type { StoreTransaction } from '../../connections/registry-deps.ts'

/**
 * A subscription is tried now: its receiver is back, or somebody has repaired something. What failed before counts no more, and deliveries that
 * wait for another attempt are due. Locks the subscription first, as everybody who changes deliveries too.
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
    .where('state', '=', 'pending')
    .where('next_at', '>', now)
    .execute()
}
