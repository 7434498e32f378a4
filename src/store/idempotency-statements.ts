import type { Insertable, Kysely } from 'kysely'
import type { ColumnType } from './columns.ts'
import type { IdempotencyRecordRow, IdempotencyWriteRow, Tables } from './tables.ts'

/** A NewIdempotencyRecord is an idempotency record and its first write, before that is sent. */
export interface NewIdempotencyRecord {
  intent: Omit<Insertable<IdempotencyRecordRow>, 'state' | 'answer'>
  write: NewWrite
}

/** A NewWrite is an upstream write before it is sent. */
export type NewWrite = Omit<Insertable<IdempotencyWriteRow>, 'record_id' | 'result' | 'ended_at'>

/** A WriteNote is the result of one write. */
export interface WriteNote extends Pick<IdempotencyWriteRow, 'step' | 'state' | 'record_id' | 'ended_at'> {
  /** JSON. */
  result: string | null
  /** Null leaves it unchanged. */
  sent_at: Date | null
}

/** An IdempotencyUpdate changes an idempotency record for the run that holds its lease. */
export interface IdempotencyUpdate {
  id: string
  /** The id of the run. After another run has taken over the record, the update has no effect. */
  requestId: string
  state: IdempotencyRecordRow['state']
  /** JSON. */
  answer: string | null
  /** Null leaves it unchanged. */
  leaseUntil: Date | null
  notes: readonly WriteNote[]
  /** A further write. */
  next?: NewWrite
  /** Deletes the writes from this step on. */
  forgetFrom?: number
  /** A crash of the database may lose it. */
  isLazy?: boolean
}

/** IdempotencyStatements store several idempotency records at once, all or none, and return the ids of those stored. */
export interface IdempotencyStatements {
  /** Skips records whose name exists already. */
  begin(db: Kysely<Tables>, intents: readonly NewIdempotencyRecord[]): Promise<Set<string>>
  /** Skips records that another run holds. Throws a unique violation if another record has claimed the same Pipedrive record. */
  move(db: Kysely<Tables>, moves: readonly IdempotencyUpdate[]): Promise<Set<string>>
}

/** The columns of the rows that both engines insert. */
export const recordColumns = {
  id: 'text',
  name: 'text',
  fingerprint: 'text',
  operation: 'text',
  request_id: 'text',
  lease_until: 'time',
  created_at: 'time',
  expires_at: 'time',
} as const satisfies Record<string, ColumnType>

export const writeColumns = {
  intent_id: 'text',
  step: 'int',
  method: 'text',
  collection: 'text',
  company_id: 'bigint',
  user_id: 'bigint',
  content_hash: 'text',
  since_id: 'bigint',
  since_date: 'time',
  state: 'text',
  sent_at: 'time',
} as const satisfies Record<string, ColumnType>

export const updateColumns = {
  id: 'text',
  request_id: 'text',
  state: 'text',
  answer: 'json',
  lease_until: 'time',
  forget_from: 'int',
} as const satisfies Record<string, ColumnType>

export const noteColumns = {
  intent_id: 'text',
  step: 'int',
  state: 'text',
  record_id: 'text',
  result: 'json',
  sent_at: 'time',
  ended_at: 'time',
} as const satisfies Record<string, ColumnType>

export const updateRows = (moves: readonly IdempotencyUpdate[]) =>
  moves.map(({ id, requestId, state, answer, leaseUntil, forgetFrom }) => ({
    id,
    request_id: requestId,
    state,
    answer,
    lease_until: leaseUntil,
    forget_from: forgetFrom ?? null,
  }))

export const noteRows = (moves: readonly IdempotencyUpdate[]) =>
  moves.flatMap(({ id, notes }) => notes.map((note) => ({ intent_id: id, ...note })))
export const nextRows = (moves: readonly IdempotencyUpdate[]) => moves.flatMap(({ next }) => (next ? [next] : []))
