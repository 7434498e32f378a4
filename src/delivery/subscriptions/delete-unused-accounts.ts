import type { DeliveryDeps } from '../deps.ts'

/** Longer than ended subscriptions are stored. */
const UNUSED_MS = 31 * 24 * 3_600_000
const BATCH = 100

/** Deletes accounts and their sources that have had no subscription for a month, not even an ended one. */
export async function sweepAccounts({ store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>): Promise<void> {
  const unused = (db: Pick<DeliveryDeps['store'], 'db'>['db']) =>
    db
      .selectFrom('accounts as a')
      .select('a.id')
      .where('a.created_at', '<', new Date(clock.now() - UNUSED_MS))
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('subscriptions as s').select('s.id').whereRef('s.account_id', '=', 'a.id'))),
      )
  for (const { id } of await unused(store.db).limit(BATCH).execute()) {
    await store.transaction(async (trx) => {
      // A concurrent subscribe holds this lock: check again after it.
      await trx.selectFrom('accounts').select('id').where('id', '=', id).forUpdate().execute()
      if (await unused(trx).where('a.id', '=', id).executeTakeFirst()) await trx.deleteFrom('accounts').where('id', '=', id).execute()
    })
  }
}
