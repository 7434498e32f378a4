import type { DeliveryParts, Source } from '../parts.ts'

type Baselines = Pick<Source, 'watch' | 'changed_since' | 'deleted_since'>

const NEEDED_FOR: readonly [keyof Baselines, readonly string[]][] = [
  ['watch', ['added']],
  ['changed_since', ['updated', 'moved', 'won', 'lost', 'done']],
  ['deleted_since', ['deleted']],
]

/**
 * What nobody compares any more grows old: whoever subscribes later must not be told everything since. So it is forgotten as soon as the last
 * subscription that needed it has ended.
 */
export async function forgetBaselines({ store }: DeliveryParts, source: Source): Promise<Partial<Baselines>> {
  const forgotten: Partial<Baselines> = {}
  for (const [column, happenings] of NEEDED_FOR) {
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
              .where('happening', 'in', [...happenings]),
          ),
        ),
      )
      .executeTakeFirst()
    if (numUpdatedRows > 0n) forgotten[column] = null
  }
  return forgotten
}
