import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { Rejected } from '../../pipedrive/errors/rejected.ts'
import { LIST_FROM, orAbsent } from '../../pipedrive/fetch-records.ts'
import type { Pipedrive } from '../../pipedrive/pipedrive.ts'

/** A Reading is the records that could be read, and those that could not because Pipedrive gave no usable answer. */
export interface RecordReadResult {
  /** Undefined for a record that this user is not shown (any more). */
  rows: ReadonlyMap<number, TriggerRow | undefined>
  failed: ReadonlyMap<number, DealbridgeError>
}

/** Upstream's limit for `ids=`. */
const IDS_MAX = 100
const PROBES = 2

/**
 * Reads records in the cheapest way: 1 token each, from ten on 10 tokens for all. Lists leave out archived and deleted records; when many are
 * missing there they are not read one by one. Throws what ends all work with this account.
 */
export async function readRecords(kind: RecordKind, pipedrive: Pipedrive, ids: readonly number[]): Promise<RecordReadResult> {
  const rows = new Map<number, TriggerRow | undefined>()
  const failed = new Map<number, DealbridgeError>()
  const single = async (id: number) => {
    try {
      rows.set(id, await orAbsent(kind.get(pipedrive, id)))
    } catch (error) {
      if (!isRecordError(error)) throw error
      // It will not be answered another time either.
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
      // One record may be enough to make Pipedrive choke on a list. If it chokes on the first ones alone too, it is not a matter of records.
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

/** Failures that may be one record's own. All others are the account's or Pipedrive's: limits, the key, the firewall. */
export const isRecordError = (error: unknown): error is DealbridgeError => error instanceof DealbridgeError && OWN.has(error.code)
const OWN: ReadonlySet<string> = new Set(['Unavailable', 'Unreadable', 'Rejected'])
