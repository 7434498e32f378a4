import { createSecretKey, randomBytes } from 'node:crypto'
import { Kysely, sql } from 'kysely'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { StoreEngine } from './engine.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { guard, type Guard } from './guarded-dialect.ts'
import { createHousekeeping } from './housekeeping.ts'
import { migrate } from './migrate.ts'
import { migrationsFor } from './migrations/index.ts'
import { createDatabaseClock, READ_CLOCK_EVERY_MS } from './postgres/database-clock.ts'
import { postgresDialect } from './postgres/postgres-dialect.ts'
import { postgresEngine } from './postgres/postgres-engine.ts'
import { postgresSignals } from './postgres/postgres-signals.ts'
import { localSignals, type Signals } from './signals.ts'
import { openFolder, openMemory } from './sqlite/open-sqlite.ts'
import { sqliteDialect } from './sqlite/sqlite-dialect.ts'
import { sqliteEngine } from './sqlite/sqlite-engine.ts'
import { createSteadyClock } from './sqlite/steady-clock.ts'
import { storeReason } from './store-reason.ts'
import type { Store, StorePlace } from './store.ts'
import type { Tables } from './tables.ts'

export interface OpenStoreOptions {
  place: StorePlace
  /** The place in error messages: host and database, without user and password. */
  where?: string
  logger: Logger
}

/** How long `close` waits for running statements; the process has 10 s to stop. */
const CLOSE_PATIENCE_MS = 3_000

const SQLSTATE = /^[0-9A-Z]{5}$/

/** An Upkeep is the periodic maintenance of a database. */
interface Upkeep {
  name: string
  everyMs: number
  run(): Promise<unknown>
}

/** A Database is an opened database with its engine. */
interface Database {
  guard: Guard
  db: Kysely<Tables>
  engine: StoreEngine
  clock: Clock
  signals: Signals
  isShared: boolean
  /** Also runs at the start. */
  upkeep: Upkeep
  close(): Promise<void>
}

/** SQLite updates its statistics of tables that have changed much. */
const OPTIMIZE_EVERY_MS = 60 * 60_000

/** Opens a store and brings its tables up to date. */
export async function openStore({ place, where, logger }: OpenStoreOptions): Promise<Store> {
  const { guard: guarded, db, engine, clock, signals, isShared, upkeep, close: closeDatabase } = openDatabase(place, logger)
  const housekeeping = createHousekeeping(logger)
  try {
    await migrate(db, migrationsFor(engine.types))
    await upkeep.run()
    const salt = await readSalt(db)
    housekeeping.every(upkeep.name, upkeep.everyMs, upkeep.run)
    let closed: Promise<void> | undefined
    const close = async () => {
      const [, drained] = await Promise.all([housekeeping.stop(), guarded.drain(CLOSE_PATIENCE_MS), signals.stop()])
      if (drained) return closeDatabase()
      logger.warn('database still busy at shutdown; unconfirmed statements are lost')
      // The pool would wait for the statements that we no longer wait for.
      closeDatabase().catch(() => {})
    }
    return {
      isShared,
      db,
      engine,
      clock,
      transaction: (run) => db.transaction().execute((trx) => guarded.inside(() => run(trx))),
      ping: () => writeSomething(db),
      every: housekeeping.every,
      signal: signals.signal,
      onSignal: signals.onSignal,
      salt: createSecretKey(Buffer.from(salt, 'base64')),
      close: () => (closed ??= close()),
    }
  } catch (error) {
    await closeDatabase().catch(() => {})
    throw cannotOpen(error as Error, place, where)
  }
}

function openDatabase(place: StorePlace, logger: Logger): Database {
  if (place.kind === 'postgres') {
    const guarded = guard(postgresDialect(place.url, logger), { single: false })
    const db = new Kysely<Tables>({ dialect: guarded.dialect })
    const clock = createDatabaseClock(db)
    return {
      guard: guarded,
      db,
      engine: postgresEngine(db),
      clock,
      signals: postgresSignals(place.url, db, logger),
      isShared: true,
      upkeep: { name: 'database clock', everyMs: READ_CLOCK_EVERY_MS, run: clock.read },
      close: () => db.destroy(),
    }
  }
  const { session, close } = place.kind === 'embedded' ? openFolder(place.folder, logger) : openMemory()
  const guarded = guard(sqliteDialect(session), { single: true, sameThread: place.kind === 'memory' })
  const db = new Kysely<Tables>({ dialect: guarded.dialect })
  const clock = createSteadyClock()
  return {
    guard: guarded,
    db,
    engine: sqliteEngine(db, clock),
    clock,
    signals: localSignals(),
    isShared: false,
    upkeep: { name: 'database statistics', everyMs: OPTIMIZE_EVERY_MS, run: () => sql`pragma optimize`.execute(db) },
    async close() {
      await db.destroy()
      await close()
    },
  }
}

/** At the start there is no log to look into yet, so the error contains the reason that the database gives. */
function cannotOpen(error: Error & { code?: unknown }, place: StorePlace, where: string | undefined): Error {
  const cause = error instanceof StoreUnavailable ? (error.cause as Error) : error
  if (cause === error && !SQLSTATE.test(String(error.code))) return error
  const what =
    place.kind === 'embedded'
      ? `The embedded database in ${place.folder}`
      : place.kind === 'memory'
        ? 'The store in memory'
        : where
          ? `The store (${where})`
          : 'PostgreSQL (DATABASE_URL or PG*)'
  return new Error(`${what} cannot be used: ${storeReason(cause)}. \`dealbridge doctor\` says what to do.`, { cause })
}

/** A write, because a full or read-only disk still answers reads. */
async function writeSomething(db: Kysely<Tables>): Promise<void> {
  const value = new Date().toISOString()
  await db
    .insertInto('settings')
    .values({ name: 'pinged_at', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** The first process creates it; of several at once, one. */
async function readSalt(db: Kysely<Tables>): Promise<string> {
  const salt = { name: 'salt', value: randomBytes(32).toString('base64') }
  await db
    .insertInto('settings')
    .values(salt)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('settings').select('value').where('name', '=', 'salt').executeTakeFirstOrThrow()).value
}
