import { AsyncLocalStorage } from 'node:async_hooks'
import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect, sql, type Dialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import type { Logger } from '../kit/logger.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { migrations } from './migrations/index.ts'
import type { Store, StorePlace } from './store.ts'
import type { Tables } from './tables.ts'

export interface OpenStoreOptions {
  place: StorePlace
  logger: Logger
}

/** Opens a store and brings its tables up to date. */
export async function openStore({ place }: OpenStoreOptions): Promise<Store> {
  const dialect = await dialectOf(place)
  const db = new Kysely<Tables>({ dialect })
  const { error } = await new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } }).migrateToLatest()
  if (error) throw error
  await db
    .insertInto('settings')
    .values({ name: 'salt', value: randomBytes(32).toString('base64') })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const salt = await db.selectFrom('settings').select('value').where('name', '=', 'salt').executeTakeFirstOrThrow()
  const inside = new AsyncLocalStorage<true>()
  return {
    kind: place.kind,
    get db() {
      if (inside.getStore()) throw new Error('Inside a transaction only its own handle works: the outer one would wait for ever.')
      return db
    },
    transaction: (run) => db.transaction().execute((trx) => inside.run(true, () => run(trx))),
    async ping() {
      await sql`select 1`.execute(db).catch((error: unknown) => {
        throw new StoreUnavailable(error)
      })
    },
    salt: createSecretKey(Buffer.from(salt.value, 'base64')),
    close: () => db.destroy(),
  }
}

async function dialectOf(place: StorePlace): Promise<Dialect> {
  if (place.kind === 'postgres') {
    const types = new pg.TypeOverrides()
    types.setTypeParser(pg.types.builtins.INT8, Number)
    return new PostgresDialect({ pool: new pg.Pool({ connectionString: place.url, types }) })
  }
  if (place.kind === 'embedded') await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const pglite = await PGlite.create(place.kind === 'embedded' ? place.folder : 'memory://')
  return new PGliteDialect({ pglite })
}
