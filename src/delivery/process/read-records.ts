import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { Rejected } from '../../pipedrive/errors/rejected.ts'
import { LIST_FROM, orAbsent } from '../../pipedrive/fetch-records.ts'
import type { Pipedrive } from '../../pipedrive/pipedrive.ts'

/** A RecordReadResult is the records that were read, and the errors of those for which Pipedrive returned no usable response. */
export interface RecordReadResult {
  /** Undefined for a record that this user cannot see. */
  rows: ReadonlyMap<number, TriggerRow | undefined>
  failed: ReadonlyMap<number, DealbridgeError>
}

/** Upstream's limit for `ids=`. */
const IDS_MAX = 100
const PROBES = 2

/**
 * Reads records in the cheapest way: 1 token each, from ten on 10 tokens for all. Lists omit archived and deleted records; if many are missing,
 * they are not read one by one. Throws errors of the account, such as a refused key.
 */
export async function readRecords(kind: RecordKind, pipedrive: Pipedrive, ids: readonly number[]): Promise<RecordReadResult> {
  const rows = new Map<number, TriggerRow | undefined>()
  const failed = new Map<number, DealbridgeError>()
  const single = async (id: number) => {
    try {
      rows.set(id, await orAbsent(kind.get(pipedrive, id)))
    } catch (error) {
      if (!isRecordError(error)) throw error
      // A retry would be rejected too.
      if (error instanceof Rejected) rows.set(id, undefined)
      else failed.set(id, error)
    }
  }
  const all = async (some: readonly number[]) => {
    const results = await Promise.allSettled(some.map(single))
    const broken = results.find((result) => result.status === 'rejected')
    if (broken) throw broken.reason
  }
  if (ids.length < LIST_FROM) {
    await all(ids)
    return { rows, failed }
  }
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const some = ids.slice(at, at + IDS_MAX)
    try {
      for (const row of (await kind.list(pipedrive, { ids: some })).rows) rows.set(row.id, row)
    } catch (error) {
      if (!isRecordError(error)) throw error
      // One record can make a list request fail. If the first records fail alone too, the cause is not a record.
      await all(some.slice(0, PROBES))
      if (some.slice(0, PROBES).every((id) => failed.has(id))) throw error
      await all(some.slice(PROBES))
    }
  }
  const missing = ids.filter((id) => !rows.has(id) && !failed.has(id))
  if (missing.length < LIST_FROM) await all(missing)
  else for (const id of missing) rows.set(id, undefined)
  return { rows, failed }
}

/** Whether one record may be the cause. Other errors concern the account or Pipedrive: limits, the key, the firewall. */
export const isRecordError = (error: unknown): error is DealbridgeError => error instanceof DealbridgeError && RECORD_ERRORS.has(error.code)
const RECORD_ERRORS: ReadonlySet<string> = new Set(['Unavailable', 'Unreadable', 'Rejected'])
