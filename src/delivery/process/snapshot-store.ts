import { sql, type Kysely } from 'kysely'
import { jsonText } from '../../store/json-text.ts'
import type { Tables } from '../../store/tables.ts'
import type { RecordSnapshot } from './record-snapshot.ts'
import { recordIdOf, type RecordId } from '../../kit/record-id.ts'

/** A row is about 2 kB: one statement stays small. */
const ROWS_AT_ONCE = 200

/** A process that outlived its lease may still save what it read before. A deletion is always saved. */
const NOT_OLDER = sql<boolean>`
  excluded.as_of > fingerprints.as_of
  or excluded.as_of = fingerprints.as_of and (excluded.told_at is null or excluded.told_at >= fingerprints.told_at)
  or cast(excluded.record as text) like '%"is_deleted":true%'`

export async function loadSnapshots(
  db: Kysely<Tables>,
  sourceId: string,
  recordIds: readonly RecordId[],
): Promise<Map<RecordId, RecordSnapshot>> {
  if (recordIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('fingerprints')
    .selectAll()
    .where('source_id', '=', sourceId)
    .where('record_id', 'in', [...new Set(recordIds.map(String))])
    .execute()
  return new Map(
    rows.map((row) => {
      const recordId = recordIdOf(row.record_id)
      return [recordId, { recordId, stateAt: row.as_of, webhookAt: row.told_at, record: row.record, contentHash: row.content_hash }]
    }),
  )
}

export async function saveSnapshots(db: Kysely<Tables>, sourceId: string, snapshots: readonly RecordSnapshot[]): Promise<void> {
  for (let at = 0; at < snapshots.length; at += ROWS_AT_ONCE) {
    await db
      .insertInto('fingerprints')
      .values(
        snapshots.slice(at, at + ROWS_AT_ONCE).map(({ recordId, stateAt, webhookAt, record, contentHash }) => ({
          source_id: sourceId,
          record_id: String(recordId),
          as_of: stateAt,
          told_at: webhookAt,
          record: jsonText(record),
          content_hash: contentHash,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['source_id', 'record_id'])
          .doUpdateSet(({ ref }) => ({
            as_of: ref('excluded.as_of'),
            told_at: ref('excluded.told_at'),
            record: ref('excluded.record'),
            content_hash: ref('excluded.content_hash'),
          }))
          .where(NOT_OLDER),
      )
      .execute()
  }
}
