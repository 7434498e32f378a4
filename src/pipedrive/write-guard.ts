import type { Deadline } from './send.ts'
import type { ResultPage } from './pipedrive.ts'
import type { Target } from './target.ts'

/** A Row is a record as API v2 shows it. */
export type UpstreamRow = Record<string, unknown> & { id: number }

/** A Standpoint is where a write starts from: whose it will be, and what its account had seen of Pipedrive before. The date is upstream's, never ours. */
export interface WriteBaseline {
  companyId: number
  userId: number
  /** The highest id seen of the object. */
  sinceId: number | undefined
  /** The last header `Date` of an answer, in milliseconds since 1970; of a change, when its record had last been changed, where that was read. */
  sinceDateMs: number | undefined
}

/** An UpstreamWrite is one write to Pipedrive that is about to be sent, with the reads that tell afterwards whether it was executed. */
export interface UpstreamWrite {
  target: Target
  method: 'POST' | 'PATCH' | 'DELETE'
  /** "deal", "activity" … */
  object: string
  /** Which record; none when it is created. */
  id: number | undefined
  /** What is sent. */
  body: Record<string, unknown> | undefined
  /** Moved by whoever gives the call more time. */
  deadline: Deadline
  /** Free when warm, else users/me (2 tokens). */
  standpoint(): Promise<WriteBaseline>
  /** The newest records of the object, by id; 10 tokens a page. */
  newest(cursor?: string): Promise<ResultPage<UpstreamRow>>
  /** The record as it is now; undefined when it is gone. */
  current(): Promise<UpstreamRow | undefined>
}

/** A WriteGuard stands between an operation and its writes: `attempt` sends the write, and what `around` answers is taken for what Pipedrive answered. */
export interface WriteGuard {
  around<T>(write: UpstreamWrite, attempt: () => Promise<T>): Promise<T>
}
