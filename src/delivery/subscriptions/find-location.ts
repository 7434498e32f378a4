import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Store } from '../../store/store.ts'
import { isLocationToken, locationHash } from './location-token.ts'
import type { SubscriptionLocation } from './subscriptions.ts'

/** The Location with its subscription; undefined if there is none for the connection of the runtime URL. */
export async function findLocation(db: Store['db'] | StoreTransaction, { token, connectionId }: SubscriptionLocation) {
  if (!isLocationToken(token)) return undefined
  return db
    .selectFrom('locations as l')
    .innerJoin('subscriptions as s', 's.id', 'l.subscription_id')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    .select(['l.id', 'l.subscription_id', 's.account_id', 's.asked_at', 's.state'])
    .where('l.token_hash', '=', locationHash(token))
    .$if(connectionId !== undefined, (query) => query.where('a.connection_id', '=', connectionId!))
    .executeTakeFirst()
}
