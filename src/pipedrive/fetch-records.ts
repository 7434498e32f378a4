import { Forbidden } from './errors/forbidden.ts'
import { NotFound } from './errors/not-found.ts'

/** From this many on, a list (10 tokens) costs no more than single reads (1 token each). */
export const LIST_FROM = 10
const IDS_MAX = 100

interface Linkable {
  id: number
  is_deleted?: boolean
}

/** How the records of one kind are read: one, up to 100 by id, and, if that list omits some (archived deals), the list that has them. */
export interface RecordReads<T> {
  get(id: number): Promise<T>
  list(ids: readonly number[]): Promise<T[]>
  listRest?(ids: readonly number[]): Promise<T[]>
}

/** Reads the records of these ids at the lowest cost; deleted, unknown and invisible ones are absent. */
export async function fetchRecords<T extends Linkable>(ids: readonly number[], reads: RecordReads<T>): Promise<Map<number, T>> {
  const found = new Map<number, T>()
  const add = (record: T | undefined) => void (record && !record.is_deleted && found.set(record.id, record))
  const single = async (id: number) => add(await orAbsent(reads.get(id)))

  const windows = Array.from({ length: Math.ceil(ids.length / IDS_MAX) }, (_, i) => ids.slice(i * IDS_MAX, (i + 1) * IDS_MAX))
  await Promise.all(
    windows.map(async (window) => {
      if (window.length < LIST_FROM) return Promise.all(window.map(single))
      const listed = await reads.list(window)
      listed.forEach(add)
      if (!reads.listRest) return
      const listedIds = new Set(listed.map((record) => record.id))
      const rest = window.filter((id) => !listedIds.has(id))
      if (rest.length < LIST_FROM) await Promise.all(rest.map(single))
      else (await reads.listRest(rest)).forEach(add)
    }),
  )
  return found
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
