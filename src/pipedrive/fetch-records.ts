import type { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { RecordId } from '../kit/record-id.ts'
import { Forbidden } from './errors/forbidden.ts'
import { NotFound } from './errors/not-found.ts'
import { isRecordError } from './is-record-error.ts'

/** From this many on, a list (10 tokens) costs no more than single reads (1 token each). */
export const LIST_FROM = 10
const IDS_MAX = 100
/** Records of a failed list that are read alone, to see whether a record is the cause. */
const PROBES = 2

/** How the records of one kind are read: one, up to 100 by id, and, if that list omits many of them (archived deals), the list that has them. */
export interface RecordReads<T, Id extends RecordId = number> {
  get(id: Id): Promise<T>
  /** Absent where Pipedrive lists no records by id. */
  list?(ids: readonly Id[]): Promise<T[]>
  listRest?(ids: readonly Id[]): Promise<T[]>
  /** Records that the lists omit are read alone only if they are fewer than this. */
  readAloneBelow?: number
}

/** FetchedRecords are the records that were found, and the errors of those that could not be read. An unknown or invisible id is in neither. */
export interface FetchedRecords<T, Id extends RecordId = number> {
  found: Map<Id, T>
  failed: Map<Id, DealbridgeError>
}

/**
 * Reads the records of these ids at the lowest cost, also deleted ones: lists may omit those, so what a list omits is read alone. One record that
 * cannot be read does not affect the others. Throws errors of the account, such as a refused key, and that of a list that fails for all records.
 */
export async function fetchRecords<T extends { id: Id }, Id extends RecordId = number>(
  ids: readonly Id[],
  { get, list, listRest, readAloneBelow = Infinity }: RecordReads<T, Id>,
): Promise<FetchedRecords<T, Id>> {
  const found = new Map<Id, T>()
  const failed = new Map<Id, DealbridgeError>()
  const wasReadAlone = new Set<Id>()
  const add = (record: T) => void found.set(record.id, record)
  const readAlone = async (id: Id) => {
    wasReadAlone.add(id)
    try {
      add(await get(id))
    } catch (error) {
      if (error instanceof NotFound) return
      if (!isRecordError(error)) throw error
      failed.set(id, error)
    }
  }
  const readEachAlone = (some: readonly Id[]) => allSettled(some.map(readAlone))
  const readList = async (read: (some: readonly Id[]) => Promise<T[]>, some: readonly Id[]) => {
    try {
      for (const record of await read(some)) add(record)
    } catch (error) {
      if (!isRecordError(error)) throw error
      const probes = some.slice(0, PROBES)
      await readEachAlone(probes)
      if (probes.every((id) => failed.has(id))) throw error
      await readEachAlone(some.slice(PROBES))
    }
  }
  const missing = (some: readonly Id[]) => some.filter((id) => !found.has(id) && !wasReadAlone.has(id))

  const windows = Array.from({ length: Math.ceil(ids.length / IDS_MAX) }, (_, i) => ids.slice(i * IDS_MAX, (i + 1) * IDS_MAX))
  await allSettled(
    windows.map(async (window) => {
      if (!list || window.length < LIST_FROM) return readEachAlone(window)
      await readList(list, window)
      if (listRest && missing(window).length >= LIST_FROM) await readList(listRest, missing(window))
      const rest = missing(window)
      if (rest.length < readAloneBelow) await readEachAlone(rest)
    }),
  )
  return { found, failed }
}

/** Waits for all, so that nothing is still read after the failure, then throws the first failure. */
async function allSettled(all: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(all)) if (result.status === 'rejected') throw result.reason
}

/** For one record both errors mean that it is not visible to this user. */
export async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof NotFound || error instanceof Forbidden) return undefined
    throw error
  }
}
