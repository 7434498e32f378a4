import type { Insertable, Kysely } from 'kysely'
import type { ColumnType } from './columns.ts'
import type { IdempotencyRecordRow, IdempotencyWriteRow, Tables } from './tables.ts'

/** A NewIntent is an intent before its first write is sent. */
export interface NewIdempotencyRecord {
  intent: Omit<Insertable<IdempotencyRecordRow>, 'state' | 'answer'>
  write: NewWrite
}

/** A NewWrite is a write before it is sent. */
export type NewWrite = Omit<Insertable<IdempotencyWriteRow>, 'record_id' | 'result' | 'ended_at'>

/** A WriteNote is what has become of one write. */
export interface WriteNote extends Pick<IdempotencyWriteRow, 'step' | 'state' | 'record_id' | 'ended_at'> {
  /** JSON. */
  result: string | null
  /** Null: as it was. */
  sent_at: Date | null
}

/** An IntentMove is one step of an intent by the run that has it. */
export interface IdempotencyUpdate {
  id: string
  /** Of the run. Once another run has taken the intent over, the move is in vain. */
  requestId: string
  state: IdempotencyRecordRow['state']
  /** JSON. */
  answer: string | null
  /** Null: as it was. */
  leaseUntil: Date | null
  notes: readonly WriteNote[]
  /** A further write. */
  next?: NewWrite
  /** Writes from this step on are forgotten. */
  forgetFrom?: number
}

/** IntentStatements write down intents, several at once. All or none of them is written; the answers are the ids of those that were. */
export interface IdempotencyStatements {
  /** Left out are those whose name is taken. */
  begin(db: Kysely<Tables>, intents: readonly NewIdempotencyRecord[]): Promise<Set<string>>
  /** Left out are those that another run has. Throws a unique violation where a record is another intent's. */
  move(db: Kysely<Tables>, moves: readonly IdempotencyUpdate[]): Promise<Set<string>>
}

/** The columns of the rows that both engines make of them. */
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
  object: 'text',
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
  record_id: 'bigint',
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
