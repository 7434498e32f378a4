import fc from 'fast-check'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqliteTypes } from '../columns.ts'
import { bindValue } from './bind-values.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { ownSession } from './sqlite-driver.ts'
import { sqliteStatements } from './sqlite-statements.ts'

const database = new DatabaseSync(':memory:')
const db = new Kysely<unknown>({ dialect: sqliteDialect(ownSession(sqliteStatements(database))) })
const { text, int, bigint, time, json, boolean } = sqliteTypes
const types = { text, int, bigint, time, json, boolean, real: sql`real`, bytes: sql`blob` }
type Type = keyof typeof types
const names = Object.keys(types) as Type[]

beforeAll(async () => {
  // Each type in each place: what is bound first must not be taken for the names of the others.
  for (const [place, first] of names.entries()) {
    const order = [...names.slice(place), ...names.slice(0, place)]
    await sql`create table ${sql.table(first)} (n integer primary key, ${sql.join(order.map((name) => sql`${sql.ref(name)} ${types[name]}`))})`.execute(
      db,
    )
  }
})
afterAll(async () => {
  await db.destroy()
  database.close()
})

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary)
const row = fc.record({
  text: orNull(fc.string({ unit: 'grapheme' })),
  int: orNull(fc.integer()),
  bigint: orNull(fc.maxSafeInteger()),
  time: orNull(fc.date({ noInvalidDate: true })),
  json: orNull(fc.jsonValue({ noUnicodeString: false }).map((value) => ({ value, list: [value] }))),
  boolean: orNull(fc.boolean()),
  real: orNull(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value))),
  bytes: orNull(fc.uint8Array()),
})

test('what is written comes back, of every type and in every place', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(row, async (values) => {
      for (const [place, first] of names.entries()) {
        const order = [...names.slice(place), ...names.slice(0, place)]
        const columns = sql.join(order.map((name) => sql.ref(name)))
        const { rows } = await sql<Record<string, unknown>>`
          insert into ${sql.table(first)} (${columns}, n) values (${sql.join(order.map((name) => values[name]))}, ${++n}) returning ${columns}`.execute(
          db,
        )
        // Through JSON, for it has no -0, and what has no prototype is equal to what has one.
        expect({ ...rows[0], json: JSON.stringify(rows[0]!['json']) }).toEqual({ ...values, json: JSON.stringify(values.json) })
        const found = await sql<{ n: number }>`select n from ${sql.table(first)} where n = ${n} and ${sql.join(
          order.map((name) => sql`${sql.ref(name)} is ${values[name]}`),
          sql` and `,
        )}`.execute(db)
        expect(found.rows).toMatchObject([{ n }])
      }
    }),
    { numRuns: 60 },
  )
})

test.each([
  [undefined, 'a value of type undefined'],
  [Number.NaN, 'the number NaN'],
  [Infinity, 'the number Infinity'],
  [2 ** 53, 'the number 9007199254740992'],
  [2n ** 60n, 'a value of type bigint'],
  [new Date(Number.NaN), 'an invalid Date'],
  [Symbol('s'), 'a value of type symbol'],
  [() => 1, 'a value of type function'],
  [new Map(), 'an object of class Map'],
  [new URL('http://127.0.0.1'), 'an object of class URL'],
])('what no column holds is refused by name: %s', (value, name) => {
  expect(() => bindValue(value)).toThrow(`The store cannot hold ${name}`)
})

test('a whole number stays one in an expression, and a number that is too large to be read exactly is an error', async () => {
  const { rows } = await sql<{ text: string }>`select ${5} || '' as text`.execute(db)
  expect(rows[0]!.text).toBe('5')
  await expect(sql`select 9007199254740993 as large`.execute(db)).rejects.toThrow()
})
