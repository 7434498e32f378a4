import { AsyncLocalStorage } from 'node:async_hooks'
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from 'kysely'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { isLostDatabase } from './lost-database.ts'
import { storeReason } from './store-reason.ts'

/** A Guard controls access to a database: no second connection inside a transaction, and `close` waits for running statements. */
export interface Guard {
  dialect: Dialect
  /** Runs the body of a transaction, during which only the transaction's own handle works. */
  inside<T>(run: () => Promise<T>): Promise<T>
  /** Refuses new users and waits for current ones. False if some remain after `patienceMs`. */
  drain(patienceMs: number): Promise<boolean>
}

interface DialectState {
  /** Connections in use or requested. */
  users: number
  closing: boolean
  /** For a single connection: resolves when it is free. */
  turn: Promise<void>
  onIdle: (() => void) | undefined
}

/** `single`: the database has one connection, and callers line up for it. `sameThread`: it answers without leaving this thread. */
export function guard(dialect: Dialect, { single, sameThread = false }: { single: boolean; sameThread?: boolean }): Guard {
  const state: DialectState = { users: 0, closing: false, turn: Promise.resolve(), onIdle: undefined }
  // An object, not a flag: what a transaction starts and does not await lives on after it, and may use the store then.
  const transactions = new AsyncLocalStorage<{ open: boolean }>()

  const enter = async (): Promise<() => void> => {
    if (transactions.getStore()?.open)
      throw new Error('Inside a transaction only its own handle works: the outer one would wait for itself.')
    if (state.closing) throw new StoreUnavailable(new Error('The store is closing.'))
    state.users++
    const before = state.turn
    const { promise, resolve } = Promise.withResolvers<void>()
    if (single) state.turn = promise
    await before
    return () => {
      // Requests would go unread for as long as anybody has a statement to run.
      if (sameThread) setImmediate(resolve)
      else resolve()
      if (--state.users === 0) state.onIdle?.()
    }
  }

  return {
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createDriver: () => guardedDriver(dialect.createDriver(), enter),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
    async inside(run) {
      const transaction = { open: true }
      try {
        return await transactions.run(transaction, run)
      } finally {
        transaction.open = false
      }
    },
    async drain(patienceMs) {
      state.closing = true
      if (state.users === 0) return true
      return await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), patienceMs)
        state.onIdle = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    },
  }
}

/** The one place that tells a lost database from a refused statement. The cause keeps only the message: pg attaches the client, with its password, to its errors. */
async function withLostDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isLostDatabase(error)) throw error
    const words = storeReason(error)
    const { code } = error as { code?: string }
    throw new StoreUnavailable(new Error(code && !words.includes(code) ? `${words} (${code})` : words))
  }
}

class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection
  readonly leave: () => void
  constructor(inner: DatabaseConnection, leave: () => void) {
    this.inner = inner
    this.leave = leave
  }
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return withLostDatabase(() => this.inner.executeQuery<R>(query))
  }
  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize)
  }
}

function guardedDriver(inner: Driver, enter: () => Promise<() => void>): Driver {
  const of = (connection: DatabaseConnection): DatabaseConnection => (connection as GuardedConnection).inner
  return {
    init: () => withLostDatabase(() => inner.init()),
    async acquireConnection() {
      const leave = await enter()
      try {
        return new GuardedConnection(await withLostDatabase(() => inner.acquireConnection()), leave)
      } catch (error) {
        leave()
        throw error
      }
    },
    async releaseConnection(connection) {
      try {
        await inner.releaseConnection(of(connection))
      } finally {
        ;(connection as GuardedConnection).leave()
      }
    },
    beginTransaction: (connection, settings: TransactionSettings) =>
      withLostDatabase(() => inner.beginTransaction(of(connection), settings)),
    commitTransaction: (connection) => withLostDatabase(() => inner.commitTransaction(of(connection))),
    rollbackTransaction: (connection) => withLostDatabase(() => inner.rollbackTransaction(of(connection))),
    destroy: () => inner.destroy(),
  }
}
