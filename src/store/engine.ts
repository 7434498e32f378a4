import type { CompiledQuery, Kysely, RawBuilder } from 'kysely'
import type { ColumnTypes, Lazily, RowsOf } from './columns.ts'
import type { IdempotencyStatements } from './idempotency-statements.ts'
import type { LeaseStatements } from './lease-statements.ts'
import type { Tables } from './tables.ts'

/** An AttemptRecord is one delivery attempt to store, with the resulting state of the delivery. */
export interface AttemptRecord {
  deliveryId: string
  at: Date
  ms: number
  status: number | null
  reason: string | null
  state: 'pending' | 'delivered' | 'dead'
  /** Whether it counts as an attempt of the delivery. */
  counts: boolean
  /** The time of the next attempt; null leaves it unchanged. */
  nextAt: Date | null
}

/** TransferStatements are what an import or export needs beyond plain rows. */
export interface TransferStatements {
  /** First in a transaction: all reads see one snapshot. */
  freeze(trx: Kysely<Tables>): Promise<void>
  /** First in a transaction: other writers of these tables wait. */
  lockTables(trx: Kysely<Tables>, tables: readonly (keyof Tables)[]): Promise<void>
  /** In an insert, before `values`: keeps the ids of generated columns. */
  readonly keepIds: RawBuilder<unknown>
  /** Generated ids continue after the imported ones. */
  continueIds(trx: Kysely<Tables>, columns: readonly { table: keyof Tables; column: string }[]): Promise<void>
}

/** A StoreEngine holds the statements that differ between SQLite and PostgreSQL. All other SQL is shared. */
export interface StoreEngine {
  readonly types: ColumnTypes
  readonly rows: RowsOf
  readonly lazily: Lazily
  readonly leases: LeaseStatements
  readonly idempotency: IdempotencyStatements
  /** Saves all finished attempts or none. A delivery that is no longer pending stays unchanged. */
  saveAttempts(db: Kysely<Tables>, attempts: readonly AttemptRecord[]): Promise<void>
  /** Carries out all statements or none, in the transaction of `db` or in their own, with as few round trips as the engine allows. */
  inOneCommit(db: Kysely<Tables>, statements: readonly [CompiledQuery, ...CompiledQuery[]]): Promise<void>
  readonly transfer: TransferStatements
}
