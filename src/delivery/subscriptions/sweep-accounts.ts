import type { DeliveryDeps } from '../deps.ts'

/** Longer than ended subscriptions are kept. */
const UNUSED_MS = 31 * 24 * 3_600_000
const BATCH = 100

/** Forgets accounts, with their sources, that have had no subscription for a month, not even an ended one. */
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
      // Whoever subscribes at this moment holds the row; only after him it is known whether it is used.
      await trx.selectFrom('accounts').select('id').where('id', '=', id).forUpdate().execute()
      if (await unused(trx).where('a.id', '=', id).executeTakeFirst()) await trx.deleteFrom('accounts').where('id', '=', id).execute()
    })
  }
}
