import { retryOnDeadlock } from '../../connections/registry-deps.ts'
import { SOURCES, type DeliveryDeps } from '../deps.ts'
import { endSubscription } from './end-subscription.ts'
import { findLocation } from './find-location.ts'
import type { SubscriptionLocation } from './subscriptions.ts'

/** Only the newest Location ends its subscription: a host may delete an older one after it has subscribed again. */
export async function endByLocation({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>, at: SubscriptionLocation): Promise<void> {
  const ended = await retryOnDeadlock(store, async (trx) => {
    const location = await findLocation(trx, at)
    if (!location) return false
    // A concurrent subscribe waits for this lock, or its Location is found below.
    await trx.selectFrom('accounts').select('id').where('id', '=', location.account_id).forNoKeyUpdate().execute()
    const newer = await trx
      .selectFrom('locations')
      .select('id')
      .where('subscription_id', '=', location.subscription_id)
      .where('id', '>', location.id)
      .limit(1)
      .executeTakeFirst()
    return !newer && (await endSubscription(trx, clock, location.subscription_id, 'ended at its Location'))
  })
  if (ended) store.signal(SOURCES)
}
