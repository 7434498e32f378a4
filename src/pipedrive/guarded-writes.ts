import { isObject } from '../kit/is-object.ts'
import { isRecordId, type RecordId } from '../kit/record-id.ts'
import { utcTime } from '../kit/utc-time.ts'
import { NotFound } from './errors/not-found.ts'
import { excerpt } from './excerpt.ts'
import type { ResultPage, UpstreamRow, WriteCall } from './pipedrive.ts'
import { listOfRecord, readBackListOf, type ReadBackList } from './read-back-list.ts'
import type { SenderSession, UpstreamAnswer, UpstreamCall } from './send.ts'
import { collectionOf, type Target } from './target.ts'
import { isDeleted, type UpstreamWrite, type WriteBaseline, type WriteGuard } from './write-guard.ts'

/** Lists end; a server that always returns a next page must not block the call. */
const PAGES_MAX = 20

/** WriteGuardDeps are the guard around the writes of a session, and the source of their baseline. */
export interface WriteGuardDeps {
  guard: WriteGuard
  /** Of a list, by its path. */
  baseline(collection: string): Promise<WriteBaseline>
}

/** UpdateTimes are the update times of the records that one call has read. */
export interface UpdateTimes {
  note(object: string, row: unknown): void
  of(object: string, id: RecordId): number | undefined
}

export function createUpdateTimes(): UpdateTimes {
  const times = new Map<string, number>()
  return {
    note(object, row) {
      const { id, update_time } = (row ?? {}) as { id?: unknown; update_time?: unknown }
      const ms = utcTime(update_time)
      if (!Number.isNaN(ms)) times.set(`${object} ${String(id)}`, ms)
    },
    of: (object, id) => times.get(`${object} ${id}`),
  }
}

/** WriteReads are the reads of an UpstreamWrite. */
interface WriteReads extends Pick<UpstreamWrite, 'newest' | 'orderedBy' | 'current'> {
  /** The time of a new record does not tell that it is new, so the ids before the write have to be known. */
  needsId?: boolean
}

export interface GuardedWritesDeps {
  session: SenderSession
  guarded: WriteGuardDeps | undefined
  updated: UpdateTimes
  send(call: UpstreamCall): Promise<UpstreamAnswer>
  get(path: string, object: string, id: RecordId): Promise<UpstreamRow>
  page(path: string, object: string, query: string): Promise<ResultPage<UpstreamRow>>
}

/** Sends one write with the guard around it; `read` makes the result of Pipedrive's `data`. */
export type SendWrite = <T>(write: WriteCall, expected: UpstreamCall['expected'], read: (data: unknown) => T) => Promise<T>

export function createGuardedWrites({ session, guarded, updated, send, get, page }: GuardedWritesDeps): SendWrite {
  const pageOf = async (
    { path, query, idField, hasRecords }: ReadBackList,
    object: string,
    cursor?: string,
  ): Promise<ResultPage<UpstreamRow>> => {
    if (hasRecords) return page(path, object, query(cursor))
    const { data, nextCursor } = await send({ target: { method: 'GET', path, object }, query: query(cursor), expected: 'list' })
    const rows = (data as unknown[]).flatMap((row) => {
      const id = isObject(row) ? row[idField] : undefined
      return isObject(row) && isRecordId(id) ? [{ ...row, id }] : []
    })
    return { rows, nextCursor }
  }
  const currentRecord = async ({ path, object }: Target, id: RecordId): Promise<UpstreamRow | undefined> => {
    try {
      const row = await get(path, object, id)
      return isDeleted(row) ? undefined : row
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }
  /** A child record is gone with its parent. */
  const currentChild = async (list: ReadBackList, { object }: Target, id: RecordId): Promise<UpstreamRow | undefined> => {
    try {
      let cursor: string | undefined
      for (let pages = 1; pages <= PAGES_MAX; pages++) {
        const { rows, nextCursor } = await pageOf(list, object, cursor)
        const row = rows.find((one) => one.id === id)
        if (row || nextCursor === null) return row && !isDeleted(row) ? row : undefined
        cursor = nextCursor
      }
      throw new RangeError(`a list of more than ${PAGES_MAX} pages`)
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }
  const readsOf = (target: Target, id: RecordId | undefined, body: object | undefined): WriteReads => {
    if (target.method === 'POST') {
      const list = readBackListOf(target.path, body)
      if (!list) return {}
      const isBackDated = body !== undefined && 'add_time' in body
      const needsId = list.orderedBy !== 'add_time' && (isBackDated || !list.hasTimes)
      return { newest: (cursor) => pageOf(list, target.object, cursor), orderedBy: list.orderedBy, needsId }
    }
    const list = id === undefined ? undefined : listOfRecord(target.path, id)
    if (!list || id === undefined) return {}
    return { current: () => (list.hasRecords ? currentRecord(target, id) : currentChild(list, target, id)) }
  }

  return (write, expected, read) => {
    const { method, path, object, id, body } = write
    const title = write.title === undefined ? undefined : excerpt(write.title, session.key).slice(0, 80)
    const target: Target = { method, path, object, id, title }
    const sendWrite = async () => read((await send({ target, body, expected })).data)
    if (!guarded) return sendWrite()
    const collection = collectionOf(target)
    const isChange = method === 'PATCH' || method === 'PUT'
    const reads = readsOf(target, id, body)
    return guarded.guard.around(
      {
        target,
        method,
        collection,
        id,
        body: body && { ...body },
        deadline: session.deadline,
        async baseline() {
          const from = await guarded.baseline(collection)
          if (isChange) return { ...from, sinceDateMs: id === undefined ? undefined : updated.of(object, id) }
          if (from.sinceId !== undefined || !reads.newest || !reads.needsId) return from
          const { rows } = await reads.newest()
          return { ...from, sinceId: Math.max(0, ...rows.map((row) => Number(row.id))) }
        },
        newest: reads.newest,
        orderedBy: reads.orderedBy,
        current: reads.current,
      },
      sendWrite,
    )
  }
}
