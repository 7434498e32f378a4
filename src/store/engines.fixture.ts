import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, describe, inject, test } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'

/** A NewStore opens an empty store; each call another one. The caller closes it. */
export interface NewStore {
  (): Promise<Store>
  /** Another store on the same database, as another process has it. Not there where one process has the database for itself. */
  again?: (store: Store) => Promise<Store>
  /** Its DATABASE_URL, for processes that a test starts. Not there where a database has none. */
  urlOf?: (store: Store) => string
}

/** A NewSharedStore is a NewStore whose databases several processes may open. */
export interface NewSharedStore extends NewStore {
  again: (store: Store) => Promise<Store>
  urlOf: (store: Store) => string
  /** The URL of a database without any table. */
  newDatabase: () => Promise<string>
}

const MISSING = 'no PostgreSQL on this machine; `apt-get install postgresql` brings it'

/** What each tier of the tests sets: `embedded`, `postgres`, or both. */
const engines = new Set((process.env['TEST_ENGINES'] ?? 'embedded,postgres').split(','))

/** The embedded engine of the tests, in memory. */
export const newSqliteStore: NewStore = () => openStore({ place: { kind: 'memory' }, logger: silentLogger })

/** Runs one suite on every engine of this tier. */
export function onEveryEngine(name: string, suite: (newStore: NewStore) => void): void {
  if (engines.has('embedded')) describe(`${name} (SQLite)`, () => suite(newSqliteStore))
  onPostgres(name, suite)
}

/** Runs once the tests of no engine that share a file with `onEveryEngine`. */
export function onNoEngine(suite: () => void): void {
  if (engines.has('embedded')) suite()
}

/** Runs a suite on PostgreSQL only; each run of the tests starts its own server. Skipped in a tier without PostgreSQL. */
export function onPostgres(name: string, suite: (newStore: NewSharedStore) => void): void {
  if (!engines.has('postgres')) return
  const title = `${name} (PostgreSQL)`
  // As `needs` of test/ does; no file of src/ imports from there.
  // oxlint-disable-next-line vitest/no-disabled-tests -- named at the end of the run
  if (!inject('postgres')) return test.skip(title, { meta: { missing: MISSING } })
  describe(title, () => {
    const { newDatabase, dropAll } = databases()
    const urls = new WeakMap<Store, string>()
    const open = async (url: string) => {
      const store = await openStore({ place: { kind: 'postgres', url }, logger: silentLogger })
      urls.set(store, url)
      return store
    }
    const urlOf = (store: Store) => urls.get(store)!
    suite(Object.assign(async () => open(await newDatabase()), { urlOf, newDatabase, again: (store: Store) => open(urlOf(store)) }))
    afterAll(dropAll)
  })
}

/** Databases makes empty PostgreSQL databases, by their URLs. */
export interface Databases {
  newDatabase(): Promise<string>
  dropAll(): Promise<void>
}

export function databases(): Databases {
  let first: Promise<string> | undefined
  const made: string[] = []
  const clusterUrl = async () => {
    const response = await fetch(inject('postgres'))
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text
  }
  const run = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: await (first ??= clusterUrl()) })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return {
    async newDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`
      await run(`create database ${name}`)
      made.push(name)
      const url = new URL(await first!)
      url.pathname = `/${name}`
      return url.href
    },
    dropAll: () => (made.length > 0 ? run(...made.splice(0).map((name) => `drop database ${name} with (force)`)) : Promise.resolve()),
  }
}
