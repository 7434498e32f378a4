import type { Trx } from '../../connections/registry-parts.ts'

/** The deliveries of a subscription that wait for another attempt are tried now: its receiver is back, or somebody has repaired something. */
export async function hurry(trx: Trx, subscriptionId: string, now: Date): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ next_at: now })
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', 'pending')
    .where('next_at', '>', now)
    .execute()
}
