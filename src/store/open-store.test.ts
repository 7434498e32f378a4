import { inspect } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../kit/eventually.fixture.ts'
import { silentLogger } from '../kit/logger.ts'
import { onNoEngine, onEveryEngine, onPostgres } from './engines.fixture.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { openStore } from './open-store.ts'
import { migrate } from './migrate.ts'
import { migrationsFor } from './migrations/index.ts'
import type { Store } from './store.ts'
import { tableNames } from './table-names.ts'

const setting = (name: string, value = 'v') => ({ name, value })
const named = async (store: Store, name: string) =>
  (await store.db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value

onEveryEngine('a store', (newStore) => {
  let store: Store
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store?.close())

  test('answers', async () => {
    await expect(store.ping()).resolves.toBeUndefined()
  })

  test('has the tables that are known, and no others', async () => {
    const tables = await store.db.introspection.getTables()
    expect(tables.map(({ name }) => name).sort()).toEqual([...tableNames].sort())
  })

  test('migrating again changes nothing', async () => {
    const applied = () => sql<{ name: string }>`select * from kysely_migration order by name`.execute(store.db).then(({ rows }) => rows)
    const before = await applied()
    await migrate(store.db, migrationsFor(store.engine.types))
    expect(before.length).toBeGreaterThan(0)
    expect(await applied()).toEqual(before)
  })

  test('refuses a database that is newer than the program, and names what it does not know', async () => {
    await sql`insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030-01-01')`.execute(store.db)
    try {
      await expect(migrate(store.db, migrationsFor(store.engine.types))).rejects.toThrow(/newer than this program: it has 9999-of-tomorrow/)
    } finally {
      await sql`delete from kysely_migration where name = '9999-of-tomorrow'`.execute(store.db)
    }
  })

  test('a transaction is there when it has ended, and not at all when it has thrown', async () => {
    await store.transaction((trx) => trx.insertInto('settings').values(setting('kept')).execute())
    const failing = store.transaction(async (trx) => {
      await trx.insertInto('settings').values(setting('lost')).execute()
      throw new Error('changed its mind')
    })
    await expect(failing).rejects.toThrow('changed its mind')
    expect(await named(store, 'kept')).toBe('v')
    expect(await named(store, 'lost')).toBeUndefined()
  })

  test('the outer handle is refused inside a transaction, at once, however it got there', async () => {
    const { db, transaction } = store
    const inside = (run: () => Promise<unknown>) => transaction(async () => void (await run()))
    const refused = 'Inside a transaction only its own handle works'
    await expect(inside(() => store.db.selectFrom('settings').selectAll().execute())).rejects.toThrow(refused)
    await expect(inside(() => db.selectFrom('settings').selectAll().execute())).rejects.toThrow(refused)
    await expect(inside(() => sql`select 1`.execute(db))).rejects.toThrow(refused)
    await expect(inside(() => transaction((trx) => sql`select 1`.execute(trx)))).rejects.toThrow(refused)
    await expect(inside(() => store.ping())).rejects.toThrow(refused)
    await expect(store.ping()).resolves.toBeUndefined()
  })

  test('what a transaction started and did not await may use the store when it is over', async () => {
    const over = Promise.withResolvers<void>()
    let later: Promise<unknown> | undefined
    await store.transaction(async (trx) => {
      later = over.promise.then(() => store.ping())
      await sql`select 1`.execute(trx)
    })
    over.resolve()
    await expect(later).resolves.toBeUndefined()
  })

  test('a statement beside a running transaction is no part of it', async () => {
    const started = Promise.withResolvers<void>()
    const failing = store.transaction(async (trx) => {
      await trx.insertInto('settings').values(setting('in the transaction')).execute()
      started.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('rolled back')
    })
    await started.promise
    const beside = store.db.insertInto('settings').values(setting('beside it')).execute()
    await expect(failing).rejects.toThrow('rolled back')
    await beside
    expect(await named(store, 'beside it')).toBe('v')
    expect(await named(store, 'in the transaction')).toBeUndefined()
  })

  test('20 transactions at once that add to the same row lose none', async () => {
    await store.db.insertInto('call_windows').values({ name: 'sum', ends_at: new Date(), events: 0 }).execute()
    const add = () =>
      store.transaction((trx) =>
        trx
          .updateTable('call_windows')
          .set((eb) => ({ events: eb('events', '+', 1) }))
          .where('name', '=', 'sum')
          .execute(),
      )
    await Promise.all(Array.from({ length: 20 }, add))
    expect(await store.db.selectFrom('call_windows').select('events').where('name', '=', 'sum').executeTakeFirst()).toEqual({ events: 20 })
  })

  test('a broken constraint is an error with its SQLSTATE, and not one of a lost database', async () => {
    await store.db.insertInto('settings').values(setting('once')).execute()
    const twice = store.db.insertInto('settings').values(setting('once')).execute()
    await expect(twice).rejects.toMatchObject({ code: '23505' })
    const orphan = { id: 'k', connection_id: 'nowhere', name: 'n', key_hash: 'h', hint: 'abcd', read_only: false, created_at: new Date() }
    await expect(store.db.insertInto('connection_keys').values(orphan).execute()).rejects.toMatchObject({ code: '23503' })
  })

  test('times, documents and whole numbers are read as they were written', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z')
    const details = { text: 'ü\n"\'', list: [1, null, true], deep: { a: {} } }
    const row = { at, owner_id: 'admin', action: 'a', subject: 's', details: JSON.stringify(details) }
    const { id } = await store.db.insertInto('audit').values(row).returning('id').executeTakeFirstOrThrow()
    expect(await store.db.selectFrom('audit').selectAll().where('id', '=', id).executeTakeFirst()).toEqual({ ...row, id, details })
    expect(typeof id).toBe('number')
    const { rows } = await sql`select 9007199254740991 as large, count(*) as counted, 7 as small from owners`.execute(store.db)
    expect(rows).toEqual([{ large: 9007199254740991, counted: 1, small: 7 }])
  })

  test('close lets a running transaction end, accepts none after it, and may be called twice', async () => {
    const other = await newStore()
    const { db } = other
    const started = Promise.withResolvers<void>()
    const running = other.transaction(async (trx) => {
      started.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      await trx.insertInto('settings').values(setting('late')).execute()
      return 'ended'
    })
    await started.promise
    const closed = other.close()
    await expect(db.selectFrom('settings').selectAll().execute()).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(running).resolves.toBe('ended')
    await closed
    await expect(other.close()).resolves.toBeUndefined()
    await expect(other.ping()).rejects.toThrow()
  })
})

onPostgres('processes on one database', (newStore) => {
  test('three that start at once on an empty one make its tables once, and agree on the salt', async () => {
    const url = await newStore.newDatabase()
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ place: { kind: 'postgres', url }, logger: silentLogger })))
    const salts = stores.map(({ salt }) => salt.export().toString('hex'))
    expect(new Set(salts).size).toBe(1)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('see what the other one has confirmed', async () => {
    const one = await newStore()
    const two = await newStore.again(one)
    await one.db.insertInto('settings').values(setting('from one')).execute()
    expect(await named(two, 'from one')).toBe('v')
    await Promise.all([one.close(), two.close()])
  })

  test('the tables of version 0.1 are refused with the way out, and left as they are', async () => {
    const url = await newStore.newDatabase()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null);
      insert into kysely_migration values ('0001-connections-and-intents', '2026-01-01'), ('0002-instant-triggers', '2026-01-01');
      create table owners (id text primary key, name text not null)`)
    const tables = () =>
      client
        .query(`select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`)
        .then(({ rows }) => rows as unknown[])
    const before = await tables()
    const opening = openStore({ place: { kind: 'postgres', url }, logger: silentLogger })
    await expect(opening).rejects.toThrow(
      /tables of Dealbridge 0\.1, which this version cannot read\. They were left unchanged\. Use an empty database/,
    )
    expect(await tables()).toEqual(before)
    await client.end()
  })

  test('its clock is the server’s, which all processes share', async () => {
    const [one, two] = [await newStore(), await newStore()]
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(one.db)
    const now = rows[0]!.now.getTime()
    // Read at the start, and again now and then: within what an answer takes.
    for (const { clock } of [one, two]) expect(Math.abs(clock.now() - now)).toBeLessThan(5_000)
    await Promise.all([one.close(), two.close()])
  })

  test('the start names a user who may not create tables', async () => {
    const url = new URL(await newStore.newDatabase())
    const [role, password] = [`poor_${url.pathname.slice(1)}`, 'hunter2']
    const owner = await openStore({ place: { kind: 'postgres', url: await newStore.newDatabase() }, logger: silentLogger })
    await sql.raw(`create role ${role} login password '${password}'`).execute(owner.db)
    Object.assign(url, { username: role, password })
    const opening = openStore({ place: { kind: 'postgres', url: url.href }, logger: silentLogger })
    await expect(opening).rejects.toThrow(/^PostgreSQL \(DATABASE_URL or PG\*\) cannot be used: permission denied for schema public\./)
    await sql.raw(`drop role ${role}`).execute(owner.db)
    await owner.close()
  })

  test('a server that ends our connections is a 503 where a call meets it, and the next call connects again', async () => {
    const [one, killer] = [await newStore(), await newStore()]
    const kill = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${new URL(newStore.urlOf(one)).pathname.slice(1)}`.execute(
        killer.db,
      )
    const met = one.transaction(async (trx) => {
      await kill()
      await sql`select 1`.execute(trx)
    })
    await expect(met).rejects.toBeInstanceOf(StoreUnavailable)
    await eventually(() => one.ping())
    await Promise.all([one.close(), killer.close()])
  })
})

onNoEngine(() => {
  test('an unreachable server is reported with the reason, without the password of its URL', async () => {
    const url = 'postgres://dealbridge:hunter2-secret@127.0.0.1:1/none'
    const opening = openStore({ place: { kind: 'postgres', url }, logger: silentLogger })
    await expect(opening).rejects.toThrow(/^PostgreSQL \(DATABASE_URL or PG\*\) cannot be used: .*ECONNREFUSED/)
    await opening.catch((error: Error) => {
      const cause = error.cause as Error
      expect(JSON.stringify([error, cause]) + error.stack + cause.stack + inspect(error, { showHidden: true, depth: 9 })).not.toContain(
        'hunter2',
      )
    })
  })

  test('a DATABASE_URL that cannot be read is named without being shown', async () => {
    const opening = openStore({ place: { kind: 'postgres', url: 'postgres://u:hunter2-secret@[bad/none' }, logger: silentLogger })
    await expect(opening).rejects.toThrow(/^DATABASE_URL is not one that PostgreSQL understands/)
    await opening.catch((error: Error) => expect(error.message).not.toContain('hunter2'))
  })

  test('a DATABASE_URL that names a file which is not there says which', async () => {
    const url = 'postgres://u:hunter2-secret@127.0.0.1:1/none?sslmode=verify-full&sslrootcert=/nowhere/ca.pem'
    const opening = openStore({ place: { kind: 'postgres', url }, logger: silentLogger })
    await expect(opening).rejects.toThrow(/^DATABASE_URL names the file \/nowhere\/ca\.pem, which cannot be read \(ENOENT\)$/)
  })
})

onNoEngine(() => {
  test('every foreign key has an index, so that the deletion of a row does not scan the tables that refer to it (SQLite)', async () => {
    const store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
    const { rows } = await sql<{ key: string }>`
      select t.name || '.' || k."from" as key from sqlite_schema t join pragma_foreign_key_list(t.name) k
      where t.type = 'table' and not exists (
        select 1 from pragma_index_list(t.name) i join pragma_index_info(i.name) c
        where not i.partial and c.seqno = 0 and c.name = k."from"
      )`.execute(store.db)
    expect(rows).toEqual([])
    await store.close()
  })
})
