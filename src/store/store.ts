import type { KeyObject } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import type { StoreEngine } from './engine.ts'
import type { Tables } from './tables.ts'

/** A StorePlace is where a store is. `memory` is lost with the process; `postgres` without a URL uses the PG* variables. */
export type StorePlace = { kind: 'embedded'; folder: string } | { kind: 'memory' } | { kind: 'postgres'; url?: string | undefined }

/** A Store is the database: PostgreSQL, or embedded SQLite. What `transaction` and `db` have confirmed survives a crash of the process. */
export interface Store {
  /** Whether other processes may use it at the same time. */
  readonly isShared: boolean
  /** For single statements. Throws inside a transaction, where it would wait for itself. */
  readonly db: Kysely<Tables>
  /** The statements that differ by database. */
  readonly engine: StoreEngine
  /** The time of the database, the same for all its processes: it decides what is due and which leases have expired. */
  readonly clock: Clock
  /** All or nothing. Keep it short, and never wait for the network in it: the embedded database runs one transaction at a time. */
  transaction<T>(run: (trx: Transaction<Tables>) => Promise<T>): Promise<T>
  /** Writes something. Throws StoreUnavailable if the database does not answer or cannot be written. */
  ping(): Promise<void>
  /** Repeats a task that no call waits for, until the store is closed. Runs never overlap; an error is logged. */
  every(name: string, ms: number, task: () => Promise<unknown>): void
  /** Wakes the listeners of `name` in every process on this store. A signal can be lost, so listeners also check by themselves from time to time. */
  signal(name: string): void
  /** Returns a function that removes the listener. */
  onSignal(name: string, listener: () => void): () => void
  /** Created once per database; keys its digests. The same in every process. */
  readonly salt: KeyObject
  /** Refuses new statements, and waits a moment for running ones. */
  close(): Promise<void>
}
