import { createSecretKey, randomBytes } from 'node:crypto'
import { Kysely, sql, type Dialect } from 'kysely'
import type { Logger } from '../kit/logger.ts'
import { openFolder, openMemory } from './embedded.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { guard } from './guarded-dialect.ts'
import { createHousekeeping } from './housekeeping.ts'
import { migrate } from './migrate.ts'
import { postgresDialect } from './postgres.ts'
import { createSignals } from './signals.ts'
import { storeReason } from './store-reason.ts'
import type { Store, StorePlace } from './store.ts'
import type { Tables } from './tables.ts'
import { vacuum } from './vacuum.ts'

export interface OpenStoreOptions {
  place: StorePlace
  /** What whoever starts the program calls the place: with host and database, without user and password. */
  where?: string
  logger: Logger
}

/** PGlite has no autovacuum: rows that were updated or erased take room until this. */
const VACUUM_EVERY_MS = 60 * 60_000
/** How long `close` lets statements in flight end by themselves; the process has 10 s to go. */
const CLOSE_PATIENCE_MS = 3_000

const SQLSTATE = /^[0-9A-Z]{5}$/

/** Opens a store and brings its tables up to date. */
export async function openStore({ place, where, logger }: OpenStoreOptions): Promise<Store> {
  const database = await open(place, logger)
  const single = place.kind !== 'postgres'
  const { dialect, inside, drain } = guard(database.dialect, { single })
  const db = new Kysely<Tables>({ dialect })
  const housekeeping = createHousekeeping(logger)
  const signals = createSignals(place, db, logger)
  const end = async () => {
    try {
      await db.destroy()
    } finally {
      await database.close()
    }
  }
  try {
    await migrate(db)
    const salt = await readSalt(db)
    if (single) housekeeping.every('vacuum', VACUUM_EVERY_MS, () => vacuum(db))
    let closed: Promise<void> | undefined
    const close = async () => {
      const [, drained] = await Promise.all([housekeeping.stop(), drain(CLOSE_PATIENCE_MS), signals.stop()])
      if (drained) return end()
      logger.warn('the database was still busy when the process ended; what was not confirmed is not done')
      // PGlite and the pool would wait for the statements that we no longer wait for.
      end().catch(() => {})
    }
    return {
      kind: place.kind,
      db,
      transaction: (run) => db.transaction().execute((trx) => inside(() => run(trx))),
      ping: async () => void (await sql`select 1`.execute(db)),
      every: housekeeping.every,
      signal: signals.signal,
      onSignal: signals.onSignal,
      salt: createSecretKey(Buffer.from(salt, 'base64')),
      close: () => (closed ??= close()),
    }
  } catch (error) {
    await end().catch(() => {})
    throw cannotOpen(error as Error, place, where)
  }
}

/** Whoever starts a server has no log yet to look into: what the database says about it must stand in the error. */
function cannotOpen(error: Error & { code?: unknown }, place: StorePlace, where: string | undefined): Error {
  const cause = error instanceof StoreUnavailable ? (error.cause as Error) : error
  if (cause === error && !SQLSTATE.test(String(error.code))) return error
  const what = place.kind !== 'postgres' ? 'The embedded database' : where ? `The store (${where})` : 'PostgreSQL (DATABASE_URL or PG*)'
  return new Error(`${what} cannot be used: ${storeReason(cause)}. \`dealbridge doctor\` says what to do.`, { cause })
}

async function open(place: StorePlace, logger: Logger): Promise<{ dialect: Dialect; close(): Promise<void> }> {
  if (place.kind === 'postgres') return { dialect: postgresDialect(place.url, logger), close: () => Promise.resolve() }
  return place.kind === 'embedded' ? openFolder(place.folder) : openMemory()
}

/** The first process makes it; of several at once, one. */
async function readSalt(db: Kysely<Tables>): Promise<string> {
  const salt = { name: 'salt', value: randomBytes(32).toString('base64') }
  await db
    .insertInto('settings')
    .values(salt)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('settings').select('value').where('name', '=', 'salt').executeTakeFirstOrThrow()).value
}
