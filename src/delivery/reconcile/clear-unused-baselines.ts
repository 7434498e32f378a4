import { sql } from 'kysely'
import { BASELINES, eventTypesOfBaseline, type Baselines } from '../process/baselines.ts'
import type { DeliveryDeps, Source } from '../deps.ts'

/**
 * Clears each baseline when the last subscription that needs it has ended. A baseline that is no longer compared grows old, and the next
 * subscription must not receive everything since.
 */
export async function clearUnusedBaselines({ store }: DeliveryDeps, source: Source): Promise<Partial<Baselines>> {
  const cleared: Partial<Baselines> = {}
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
              .where('state', '<>', sql.lit('ended'))
              .where('happening', 'in', eventTypesOfBaseline(column)),
          ),
        ),
      )
      .executeTakeFirst()
    if (numUpdatedRows > 0n) cleared[column] = null
  }
  return cleared
}
