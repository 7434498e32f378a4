import { BASELINES, happeningsOfBaseline, type Baselines } from '../process/baselines.ts'
import type { DeliveryDeps, Source } from '../deps.ts'

/**
 * What nobody compares any more grows old: whoever subscribes later must not be told everything since. So it is forgotten as soon as the last
 * subscription that needed it has ended.
 */
export async function forgetBaselines({ store }: DeliveryDeps, source: Source): Promise<Partial<Baselines>> {
  const forgotten: Partial<Baselines> = {}
  for (const column of BASELINES) {
    if (source[column] === null) continue
    const { numUpdatedRows } = await store.db
      .updateTable('sources')
      .set({ [column]: null })
      .where('id', '=', source.id)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('subscriptions')
              .select('subscriptions.id')
              .where('source_id', '=', source.id)
              .where('state', '<>', 'ended')
              .where('happening', 'in', happeningsOfBaseline(column)),
          ),
        ),
      )
      .executeTakeFirst()
    if (numUpdatedRows > 0n) forgotten[column] = null
  }
  return forgotten
}
