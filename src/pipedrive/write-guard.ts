import type { Deadline } from './send.ts'
import type { ResultPage, UpstreamRow } from './pipedrive.ts'
import type { RecordId } from '../kit/record-id.ts'
import type { Target } from './target.ts'

/** A WriteBaseline is the state before a write: its user, and the last id and time read from Pipedrive. The time is Pipedrive's, never ours. */
export interface WriteBaseline {
  companyId: number
  userId: number
  /** The highest id of the object read so far. */
  sinceId: number | undefined
  /** The last header `Date` of an answer, in milliseconds since 1970; for an update, the update time of its record, if it was read. */
  sinceDateMs: number | undefined
}

/** An UpstreamWrite is one write to Pipedrive before it is sent, with the reads that show afterwards whether it was executed. */
export interface UpstreamWrite {
  target: Target
  method: 'POST' | 'PATCH' | 'DELETE'
  /** "deal", "activity" … */
  object: string
  /** The id of the record; undefined for a create. */
  id: RecordId | undefined
  /** The body of the request. */
  body: Record<string, unknown> | undefined
  /** The guard moves it to give the call more time. */
  deadline: Deadline
  /** Free if users/me is cached, else 2 tokens. */
  baseline(): Promise<WriteBaseline>
  /** The newest records of the object, by id; 10 tokens a page. */
  newest(cursor?: string): Promise<ResultPage<UpstreamRow>>
  /** The current record; undefined if it does not exist. */
  current(): Promise<UpstreamRow | undefined>
}

/** A WriteGuard runs around each write of an operation: `send` sends the write, and the result of `around` counts as Pipedrive's answer. */
export interface WriteGuard {
  around<T>(write: UpstreamWrite, send: () => Promise<T>): Promise<T>
}
