import type { RecordId } from '../kit/record-id.ts'
import type { ResultPage, UpstreamRow } from './pipedrive.ts'
import type { Deadline } from './send.ts'
import type { Target } from './target.ts'

/** A WriteBaseline is the state before a write: its user, and the last id and time read from Pipedrive. The time is Pipedrive's, never ours. */
export interface WriteBaseline {
  companyId: number
  userId: number
  /** The highest id of the list read so far; undefined if none was read, or if ids do not grow with creation. */
  sinceId: number | undefined
  /** The last header `Date` of an answer, in milliseconds since 1970; for an update, the update time of its record, if it was read. */
  sinceDateMs: number | undefined
}

/** An UpstreamWrite is one write to Pipedrive before it is sent, with the reads that show afterwards whether it was executed. */
export interface UpstreamWrite {
  target: Target
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The records that it concerns, by the path of their list: each deal has a list of its products. */
  collection: string
  /** The id of the record; undefined for a create. */
  id: RecordId | undefined
  /** The body of the request. */
  body: Record<string, unknown> | undefined
  /** The guard moves it to give the call more time. */
  deadline: Deadline
  /** Free if users/me is cached, else 2 tokens. */
  baseline(): Promise<WriteBaseline>
  /** Of a create: the newest records of the list first. Without it the create cannot be found, so its outcome stays unknown. */
  newest?: ((cursor?: string) => Promise<ResultPage<UpstreamRow>>) | undefined
  /** The order of `newest`; undefined if it has none, so that all of it is read. */
  orderedBy?: 'id' | 'add_time' | undefined
  /** What the write is about, if several contents count as the same write: a find or create creates what its first caller sent. */
  sought?: Sought
  /** It does nothing twice, so it is sent again instead of looked for. */
  repeatable?: true
  /** Of an update or a deletion: the current record, or undefined if it is not there. Without it the outcome stays unknown. */
  current?: (() => Promise<UpstreamRow | undefined>) | undefined
}

/** A Sought is the one record that a find or create is about. */
export interface Sought {
  /** A digest. */
  name: string
  /** Whether a record of any user is the one. */
  isShownBy(row: UpstreamRow): boolean
}

/** A WriteGuard runs around each write of an operation: `send` sends the write, and the result of `around` counts as Pipedrive's answer. */
export interface WriteGuard {
  around<T>(write: UpstreamWrite, send: () => Promise<T>): Promise<T>
}

/** Whether Pipedrive shows a record only as deleted. API v1 has `active_flag` instead. */
export const isDeleted = (row: UpstreamRow): boolean => row['is_deleted'] === true || row['active_flag'] === false
