import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readStorePlace } from './config.ts'
import { describeStore } from './store-place.ts'

const storePlace = (store: string, data: string, env: NodeJS.ProcessEnv) => readStorePlace({ store, data }, env)

const pg = { PGHOST: 'db.test', PGUSER: 'bridge', PGDATABASE: 'deals' }
const messageOf = (env: NodeJS.ProcessEnv): string => {
  try {
    return `nothing was thrown, but: ${JSON.stringify(storePlace('embedded', 'data', env))}`
  } catch (error) {
    return (error as Error).message
  }
}

test('without a word about PostgreSQL the store is embedded in the data folder, in memory, or nowhere', () => {
  expect(storePlace('embedded', 'data', {})).toEqual({ kind: 'embedded', folder: join('data', 'store') })
  expect(storePlace('memory', 'data', {})).toEqual({ kind: 'memory' })
  expect(storePlace('none', 'data', {})).toBeUndefined()
})

test.each([
  'postgres://u:p@db.test/deals',
  'postgresql://db.test:5433/deals',
  'postgres://u@/deals?host=/var/run/postgresql',
  'POSTGRES://db.test',
])('DATABASE_URL may be %s, and goes before the PG* variables, complete or not', (url) => {
  expect(storePlace('embedded', 'data', { DATABASE_URL: url, ...pg })).toEqual({ kind: 'postgres', url })
  expect(storePlace('embedded', 'data', { DATABASE_URL: url, PGHOST: 'elsewhere' })).toEqual({ kind: 'postgres', url })
})

test.each([
  ['mysql://u:hunter2@db.test/deals', 'does not begin with postgres://'],
  ['u:hunter2@db.test/deals', 'does not begin with postgres://'],
  ['postgres://u:hunter2@db.test:port/deals', 'is not a URL'],
  ['postgres://u:hunter2%zz@db.test/deals', 'has a % that begins no character'],
  ['postgres://u:12/hunter2@db.test/deals', 'is not a URL'],
  ['postgres://u:/hunter2@db.test/deals', 'is not a URL'],
  ['postgres://u:?hunter2@db.test/deals', 'is not a URL'],
  ['postgres://u:1#hunter2@db.test/deals', 'is not a URL'],
  ['postgres://u:x@/hunter2@db.test/deals', 'is not a URL'],
])('a DATABASE_URL that cannot be used is refused and not shown (%#)', (url, why) => {
  expect(messageOf({ DATABASE_URL: url })).toContain(`DATABASE_URL ${why}`)
  expect(messageOf({ DATABASE_URL: url })).not.toMatch(/hunter2|db\.test/)
})

test('complete PG* variables mean PostgreSQL', () => {
  expect(storePlace('embedded', 'data', pg)).toEqual({ kind: 'postgres' })
  expect(storePlace('embedded', 'data', { ...pg, PGPASSWORD: 'p', PGPORT: '5433', PGSSLMODE: 'require' })).toEqual({ kind: 'postgres' })
})

test.each([
  [{ PGHOST: 'db.test' }, 'PGHOST is set, but not PGUSER and PGDATABASE'],
  [{ PGHOST: 'db.test', PGUSER: 'u' }, 'PGHOST and PGUSER are set, but not PGDATABASE'],
  [{ PGPASSWORD: 'hunter2' }, 'PGPASSWORD is set, but not PGHOST, PGUSER and PGDATABASE'],
  [{ ...pg, PGUSER: '' }, 'PGHOST and PGDATABASE are set, but not PGUSER'],
])('half of the PG* variables are a mistake that says which are missing (%#)', (env, message) => {
  expect(messageOf(env)).toContain(message)
  expect(messageOf(env)).not.toContain('hunter2')
})

test.each([
  ['memory', { kind: 'memory' }],
  ['none', undefined],
] as const)('with --store %s the PostgreSQL of the environment is ignored, valid or not', (kind, place) => {
  for (const env of [{ DATABASE_URL: 'postgres://u:p@db.test/deals' }, pg, { DATABASE_URL: 'mysql://', PGHOST: 'db.test' }])
    expect(storePlace(kind, 'data', env)).toEqual(place)
})

test.each([
  [{ DATABASE_URL: 'postgres://bridge:hunter2@db.test:5433/deals' }, 'PostgreSQL, deals at db.test:5433'],
  [{ DATABASE_URL: 'postgres://bridge:hunter2@[::1]/deals' }, 'PostgreSQL, deals at [::1]:5432'],
  [{ DATABASE_URL: 'postgres://bridge:hunter2@/deals?host=/var/run/postgresql' }, 'PostgreSQL, deals at /var/run/postgresql'],
  [{ DATABASE_URL: 'postgres://bridge:hunter2@/deals', PGHOST: 'db.test', PGPORT: '5433' }, 'PostgreSQL, deals at db.test:5433'],
  [{ ...pg, PGPASSWORD: 'hunter2' }, 'PostgreSQL, deals at db.test:5432'],
])('the description of the store says where PostgreSQL is, without user and password (%#)', (env, text) => {
  expect(describeStore(storePlace('embedded', 'data', env), env)).toBe(text)
})

test('the description of the store says what --store none means', () => {
  expect(describeStore(undefined)).toBe('--store none: pass-through keys only, limits per process')
})
