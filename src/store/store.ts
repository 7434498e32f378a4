import type { KeyObject } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import type { StoreEngine } from './engine.ts'
import type { Tables } from './tables.ts'

/** A StorePlace is where a store lies. `memory` forgets everything with the process; `postgres` without a URL takes the PG* variables. */
export type StorePlace = { kind: 'embedded'; folder: string } | { kind: 'memory' } | { kind: 'postgres'; url?: string | undefined }

/** A Store is what outlives a call: PostgreSQL, or SQLite embedded. What `transaction` and `db` have confirmed survives the death of the process. */
export interface Store {
  /** Whether other processes may have it open, too. */
  readonly isShared: boolean
  /** For single statements. Refuses inside a transaction, where it would wait for itself for ever. */
  readonly db: Kysely<Tables>
  /** The statements that each database has in its own way. */
  readonly engine: StoreEngine
  /** The time of the database, for all processes on it: what is due, and whose lease is over. */
  readonly clock: Clock
  /** All or nothing. Keep it short, and never wait for the network in it: the embedded database does one thing at a time. */
  transaction<T>(run: (trx: Transaction<Tables>) => Promise<T>): Promise<T>
  /** Writes something. Throws StoreUnavailable when the database does not answer, or takes nothing. */
  ping(): Promise<void>
  /** Repeats a task that no call waits for, until the store is closed. Runs never overlap; an error is logged. */
  every(name: string, ms: number, task: () => Promise<unknown>): void
  /** Wakes whoever listens to `name`, in every process on this store. A wake-up can be lost: whoever waits for one looks by himself from time to time. */
  signal(name: string): void
  /** Answers what ends it. */
  onSignal(name: string, listener: () => void): () => void
  /** Made once, with the database: what digests that lie in it are keyed with. The same in every process. */
  readonly salt: KeyObject
  /** Lets nobody in any more, and waits a moment for those who are. */
  close(): Promise<void>
}
