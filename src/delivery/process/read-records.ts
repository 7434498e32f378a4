import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { Forbidden } from '../../pipedrive/errors/forbidden.ts'
import { Rejected } from '../../pipedrive/errors/rejected.ts'
import { fetchRecords, LIST_FROM } from '../../pipedrive/fetch-records.ts'
import type { Pipedrive } from '../../pipedrive/pipedrive.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** A RecordReadResult is the records that were read, and the errors of those for which Pipedrive returned no usable response. */
export interface RecordReadResult {
  /** Undefined for a record that this user cannot see. */
  rows: ReadonlyMap<RecordId, TriggerRow | undefined>
  failed: ReadonlyMap<RecordId, DealbridgeError>
}

/**
 * Reads records in the cheapest way: 1 token each, from ten on 10 tokens for all. Lists omit archived and deleted records; if many are missing,
 * they are not read one by one. Throws errors of the account, such as a refused key.
 */
export async function readRecords(kind: RecordKind, pipedrive: Pipedrive, ids: readonly RecordId[]): Promise<RecordReadResult> {
  const { found, failed } = await fetchRecords(ids, {
    get: (id) => kind.get(pipedrive, id),
    list: async (some) => (await kind.list(pipedrive, { ids: some })).rows,
    readAloneBelow: LIST_FROM,
  })
  // Of these, a retry would be refused too.
  for (const [id, error] of failed) if (error instanceof Rejected || error instanceof Forbidden) failed.delete(id)
  return { rows: new Map(ids.filter((id) => !failed.has(id)).map((id) => [id, found.get(id)])), failed }
}
