import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeCommands } from './command.ts'
import { newSqliteStore, onEveryEngine, onPostgres } from './engines.fixture.ts'
import { exportedTables } from './export-format.ts'
import { exportStore } from './export-store.ts'
import { importStore } from './import-store.ts'
import { latestMigration } from './migrations/index.ts'
import type { Store, StorePlace } from './store.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const at = new Date('2026-03-29T01:30:00.123Z')

async function exported(store: Store): Promise<string[]> {
  const lines: string[] = []
  await exportStore(store, NOW, (line) => Promise.resolve(void lines.push(line)))
  return lines
}

async function* from(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

const INTENTS = 250

/** Some rows of every table, with every kind of value, and one table of several batches. */
async function fill({ db }: Store): Promise<void> {
  await db.insertInto('owners').values({ id: 'o2', name: "Ünal's team", token_hash: 'hash-of-a-token', created_at: at }).execute()
  const account = { company_id: 9007199254740991, company_name: 'Acme', user_id: 7, user_name: 'Alice', user_email: 'alice@acme.test' }
  const times = { checked_at: at, created_at: at, last_used_at: null }
  await db
    .insertInto('connections')
    .values({ id: 'c1', owner_id: 'o2', name: 'Sales', sealed_key: 'ring-1.sealed', state: 'ok', reason: null, ...account, ...times })
    .execute()
  const key = {
    id: 'k1',
    connection_id: 'c1',
    name: 'flow',
    key_hash: 'hash-of-a-key',
    hint: 'wxyz',
    sets: 'leads',
    read_only: true,
    created_at: at,
    last_used_at: at,
  }
  await db.insertInto('connection_keys').values(key).execute()
  for (const subject of ['c1', 'k1'])
    await db
      .insertInto('audit')
      .values({ at, owner_id: 'o2', action: 'add', subject, details: JSON.stringify({ text: 'line\nbreak "ü"', deep: [null, 1.5] }) })
      .execute()
  const intents = Array.from({ length: INTENTS }, (_, i) => ({
    id: `i${i}`,
    name: i % 2 ? `name ${i}` : null,
    fingerprint: 'f',
    operation: 'AddDeal',
    state: 'done' as const,
    answer: i === 0 ? null : JSON.stringify(i === 1 ? null : { status: 200, body: { id: i } }),
    request_id: 'r',
    lease_until: at,
    created_at: at,
    expires_at: at,
  }))
  for (let i = 0; i < INTENTS; i += 100)
    await db
      .insertInto('intents')
      .values(intents.slice(i, i + 100))
      .execute()
  const write = {
    method: 'POST' as const,
    collection: '/api/v2/deals',
    company_id: 1,
    user_id: 7,
    content_hash: 'h',
    state: 'done' as const,
    sent_at: at,
  }
  for (const step of [1, 2, 10])
    await db
      .insertInto('intent_writes')
      .values({
        intent_id: 'i7',
        step,
        ...write,
        since_id: null,
        since_date: null,
        record_id: String(step),
        result: '{"id":1}',
        ended_at: at,
      })
      .execute()
  await fillTriggers(db)
}

/** One row of every table of instant triggers, and three where the database gives the ids. */
async function fillTriggers(db: Store['db']): Promise<void> {
  const rows = async (table: string, ...values: Record<string, unknown>[]) => {
    for (const row of values)
      await sql`insert into ${sql.table(table)} (${columns(row)}) values (${sql.join(Object.values(row))})`.execute(db)
  }
  const columns = (row: Record<string, unknown>) => sql.join(Object.keys(row).map((name) => sql.ref(name)))
  const account = { id: 'a1', principal: 'connection:c1', connection_id: 'c1', sealed_key: null, company_id: 1, user_id: 7, created_at: at }
  await rows('accounts', account, { ...account, id: 'a2', principal: 'digest', connection_id: null, sealed_key: 'v1.ring-1.key' })
  const lane = { due_at: at, leased_until: null, created_at: at }
  const times = { check_at: at, reconcile_at: at, changed_since: at }
  await rows('sources', {
    id: 's1',
    account_id: 'a1',
    kind: 'deal',
    mode: 'webhook',
    webhook_id: 12,
    watch: '{"maxId": 3}',
    ...times,
    ...lane,
  })
  await rows('hooks', {
    token_hash: 'hash-of-a-path',
    source_id: 's1',
    password_hash: 'hash-of-a-password',
    webhook_id: 12,
    created_at: at,
  })
  for (const n of [1, 2, 3]) await rows('inbox', { source_id: 's1', body: `{"n": ${n}, "text": "ü\\n"}`, received_at: at })
  await rows('fingerprints', { source_id: 's1', record_id: '5', as_of: at, record: '{"id": 5, "value": 1.50}', content_hash: null })
  const happened = { source_id: 's1', record_id: '5', happening: 'won', origin: 'webhook', payload: '{"id": 5}', created_at: at }
  for (const n of [1, 2, 3]) await rows('events', { id: `e${n}`, identity: `i${n}`, twin: null, as_of: at, ...happened })
  const state = { state: 'active', state_since: at, ...lane }
  const target = { target_hash: 'hash-of-a-url', sealed_target: 'v1.ring-1.url', target_hint: 'logic.azure.com…abcd', format: 'record' }
  const wanted = { trigger: 'TrigDealWon', happening: 'won', filters: '{"stage_id": 2}', filters_hash: 'hash-of-filters' }
  await rows('subscriptions', { id: 'u1', account_id: 'a1', source_id: 's1', ...wanted, ...target, ...state })
  for (const n of [1, 2, 3]) await rows('locations', { token_hash: `hash-of-a-location-${n}`, subscription_id: 'u1', created_at: at })
  const way = { subscription_id: 'u1', record_id: '5', state: 'delivered', attempts: 1, next_at: at, created_at: at, ended_at: at }
  for (const n of [1, 2, 3]) await rows('deliveries', { id: `d${n}`, event_seq: n, ...way })
  await rows('delivery_attempts', { delivery_id: 'd1', attempt: 1, at, status: 202, reason: null, ms: 30 })
}

/** How many rows of each table there are then, by hand. */
const FILLED = {
  settings: 1,
  owners: 2,
  connections: 1,
  connection_keys: 1,
  audit: 2,
  intents: INTENTS,
  intent_writes: 3,
  accounts: 2,
  sources: 1,
  hooks: 1,
  inbox: 3,
  fingerprints: 1,
  events: 3,
  subscriptions: 1,
  locations: 3,
  deliveries: 3,
  delivery_attempts: 1,
}

function roundTrip(source: () => Promise<Store>, target: () => Promise<Store>): void {
  let [one, two]: (Store | undefined)[] = []
  let lines: string[]
  beforeAll(async () => {
    one = await source()
    await fill(one)
    lines = await exported(one)
    two = await target()
  })
  afterAll(() => Promise.all([one?.close(), two?.close()]))

  test('the first line says what the file is, and how much of it there is', () => {
    expect(JSON.parse(lines[0]!)).toEqual({
      format: 'dealbridge-store',
      version: 2,
      schema: latestMigration,
      exportedAt: '2026-11-22T10:00:00.000Z',
      tables: FILLED,
    })
    expect(lines).toHaveLength(1 + Object.values(FILLED).reduce((sum, rows) => sum + rows))
  })

  test('a file that is cut off, changed, of other tables, or no export is refused, and nothing of it stays', async () => {
    const refused = async (wrong: readonly string[], why: RegExp) => {
      await expect(importStore(two!, from(wrong))).rejects.toThrow(why)
      expect(await two!.db.selectFrom('connections').selectAll().execute()).toEqual([])
      expect(await two!.db.selectFrom('owners').select('id').execute()).toEqual([{ id: 'admin' }])
    }
    const header = JSON.parse(lines[0]!) as Record<string, unknown>
    await refused([], /The file is empty/)
    await refused(lines.slice(0, -1), /incomplete: 0 of 1 rows of delivery_attempts/)
    await refused([...lines.slice(0, -1), lines.at(-1)!.slice(0, 20)], /Line \d+ is not JSON: the file was truncated/)
    await refused(['{"some":"json"}', ...lines.slice(1)], /not an export of a Dealbridge store/)
    await refused(
      [JSON.stringify({ ...header, schema: '0000-older' }), ...lines.slice(1)],
      /tables of 0000-older.*Import it with the version/,
    )
    await refused(
      [JSON.stringify({ ...header, version: 1, schema: '0002-instant-triggers' })],
      /from Dealbridge 0\.1, .*Add the connections again/,
    )
    await refused([JSON.stringify({ ...header, tables: {} })], /does not have a row count for every table.*connections/)
    const others = Object.fromEntries(Object.entries(FILLED).filter(([table]) => table !== 'hooks'))
    await refused([JSON.stringify({ ...header, tables: others }), ...lines.slice(1)], /does not have a row count .*tables\.hooks/)
    await refused([...lines, '{"table":"pg_authid","row":{}}'], /not a row of a table of this version/)
    await refused([...lines, '{"table":"owners","row":{"id":"x","name; drop table owners":"y"}}'], /columns of a row of owners differ/)
  })

  test('an import makes the same rows of it, to the last digit', async () => {
    await importStore(two!, from(lines))
    expect(await exported(two!)).toEqual(lines)
    for (const table of exportedTables) {
      const rows = (store: Store) => store.db.selectFrom(table).selectAll().execute()
      const sorted = async (store: Store) => (await rows(store)).map((row) => JSON.stringify(row)).sort()
      expect(await sorted(two!)).toEqual(await sorted(one!))
    }
  })

  test('after it, ids that the database gives go on behind those that came along', async () => {
    const { db } = two!
    const copies = {
      audit: sql`insert into audit (at, owner_id, action, subject, details) select at, owner_id, action, subject, details from audit limit 1 returning id`,
      inbox: sql`insert into inbox (source_id, body, received_at) select source_id, body, received_at from inbox limit 1 returning id`,
      events: sql`
        insert into events (id, identity, source_id, record_id, happening, origin, payload, created_at)
        select 'e4', 'i4', source_id, record_id, happening, origin, payload, created_at from events limit 1 returning seq as id`,
      locations: sql`
        insert into locations (token_hash, subscription_id, created_at) select 'another', subscription_id, created_at from locations limit 1
        returning id`,
      deliveries: sql`
        insert into deliveries (id, event_seq, subscription_id, record_id, state, next_at, created_at)
        select 'd4', event_seq, subscription_id, record_id, state, next_at, created_at from deliveries limit 1 returning seq as id`,
    }
    for (const [table, copy] of Object.entries(copies)) {
      const { rows } = await copy.execute(db)
      expect({ table, rows }).toEqual({ table, rows: [{ id: FILLED[table as keyof typeof FILLED] + 1 }] })
    }
  })

  test('a store that holds something takes no import', async () => {
    await expect(importStore(two!, from(lines))).rejects.toThrow(
      /The store is not empty \(owners, connections, connection_keys, audit, intents, intent_writes, accounts, sources, .*delivery_attempts\)/,
    )
  })
}

onEveryEngine('an export and its import', (newStore) => roundTrip(newStore, newStore))

onPostgres('what SQLite gives PostgreSQL', (newStore) => roundTrip(newSqliteStore, newStore))
onPostgres('what PostgreSQL gives SQLite', (newStore) => roundTrip(newStore, newSqliteStore))

onPostgres('dealbridge store', (newStore) => {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-export-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = async (name: string, place: StorePlace | undefined, file: string) => {
    const said: string[] = []
    const command = storeCommands({ options: [], place: () => place, say: (text) => void said.push(text) }).find(
      (each) => each.name === name,
    )!
    await command.run({}, new AbortController().signal, [file])
    return said.join('\n')
  }

  test('takes a store from one engine to the other and back by a file that its owner alone can read', async () => {
    const file = join(folder, 'backup.jsonl')
    const source = await newStore()
    await fill(source)
    const place = (url: string): StorePlace => ({ kind: 'postgres', url })
    expect(await run('store export', place(newStore.urlOf(source)), file)).toMatch(/1 connections.*\n.*same key ring \(DEALBRIDGE_KEYS/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toContain('ring-1.sealed')
    const embedded: StorePlace = { kind: 'embedded', folder: join(folder, 'store') }
    expect(await run('store import', embedded, file)).toMatch(/1 connections.*\n.*key ring that sealed them/)
    await run('store export', embedded, join(folder, 'back.jsonl'))
    const rows = (path: string) => readFileSync(path, 'utf8').split('\n').slice(1)
    expect(rows(join(folder, 'back.jsonl'))).toEqual(rows(file))
    const target = place(await newStore.newDatabase())
    expect(await run('store import', target, join(folder, 'back.jsonl'))).toMatch(/1 connections.*\n.*key ring that sealed them/)
    await run('store export', target, join(folder, 'moved.jsonl'))
    expect(rows(join(folder, 'moved.jsonl'))).toEqual(rows(file))
    await source.close()
  })

  test('overwrites no file, leaves none behind when it fails, and says when there is no store', async () => {
    const file = join(folder, 'mine.txt')
    writeFileSync(file, 'mine')
    const url = await newStore.newDatabase()
    await expect(run('store export', { kind: 'postgres', url }, file)).rejects.toThrow(/exists already/)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    await expect(run('store export', undefined, file)).rejects.toThrow(/needs a store that outlives the process/)
    await expect(run('store import', { kind: 'postgres', url }, join(folder, 'none.jsonl'))).rejects.toThrow(/ENOENT/)
    expect(existsSync(join(folder, 'none.jsonl'))).toBe(false)
  })

  test('exports nothing where no store is, and makes none there', async () => {
    const nowhere = join(folder, 'nowhere')
    const file = join(folder, 'empty.jsonl')
    await expect(run('store export', { kind: 'embedded', folder: nowhere }, file)).rejects.toThrow(`There is no store in ${nowhere}`)
    expect([nowhere, file].filter((path) => existsSync(path))).toEqual([])
  })

  test('an export that is stopped fails, and leaves no half of a backup', async () => {
    const file = join(folder, 'half.jsonl')
    const store = await newStore()
    await fill(store)
    await store.close()
    const place: StorePlace = { kind: 'postgres', url: newStore.urlOf(store) }
    const command = storeCommands({ options: [], place: () => place, say: () => undefined }).find(({ name }) => name === 'store export')!
    await expect(command.run({}, AbortSignal.abort(new Error('stopped')), [file])).rejects.toThrow('stopped')
    expect(existsSync(file)).toBe(false)
  })
})
