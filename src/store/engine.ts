import type { Kysely, RawBuilder } from 'kysely'
import type { ColumnTypes, RowsOf } from './columns.ts'
import type { IdempotencyStatements } from './idempotency-statements.ts'
import type { LeaseStatements } from './lease-statements.ts'
import type { Tables } from './tables.ts'

/** An AttemptRecord is one attempt at a delivery as it is written down, and what becomes of the delivery. */
export interface AttemptRecord {
  deliveryId: string
  at: Date
  ms: number
  status: number | null
  reason: string | null
  state: 'pending' | 'delivered' | 'dead'
  /** Whether it counts as an attempt of the delivery. */
  counts: boolean
  /** When the delivery is tried again; null: as it was. */
  nextAt: Date | null
}

/** TransferStatements are what an import or export needs beyond plain rows. */
export interface TransferStatements {
  /** First in a transaction: everything is read as of one moment. */
  freeze(trx: Kysely<Tables>): Promise<void>
  /** First in a transaction: whoever writes these tables meanwhile waits. */
  lockTables(trx: Kysely<Tables>, tables: readonly (keyof Tables)[]): Promise<void>
  /** In an insert, before `values`: ids that the database gives are given already. */
  readonly keepIds: RawBuilder<unknown>
  /** The ids that the database gives go on behind those that came along. */
  continueIds(trx: Kysely<Tables>, columns: readonly { table: keyof Tables; column: string }[]): Promise<void>
}

/** An Engine is what SQLite and PostgreSQL do each in its own way. Everything else is one SQL for both. */
export interface StoreEngine {
  readonly types: ColumnTypes
  readonly rows: RowsOf
  readonly leases: LeaseStatements
  readonly idempotency: IdempotencyStatements
  /** Attempts that came to an end, all or none. A delivery that is no longer pending stays what it is. */
  saveAttempts(db: Kysely<Tables>, attempts: readonly AttemptRecord[]): Promise<void>
  readonly transfer: TransferStatements
}
