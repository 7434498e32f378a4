import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Clock } from '../../kit/clock.ts'
import { endSubscription } from '../subscriptions/end-subscription.ts'

/** Ends a subscription whose receiver has said that it will never take anything again. What was on its way stays to be seen, as given up. */
export async function endByReceiver(trx: StoreTransaction, clock: Clock, id: string, reason: string): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ state: 'dead', ended_at: new Date(clock.now()), last_reason: `The subscription has ended. ${reason}` })
    .where('subscription_id', '=', id)
    .where('state', '=', 'pending')
    .execute()
  await endSubscription(trx, clock, id, reason)
}
