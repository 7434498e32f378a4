import { sql, type Kysely } from 'kysely'
import type { RowsOf } from '../columns.ts'
import { jsonText } from '../json-text.ts'
import type { Tables } from '../tables.ts'

/** `->>` reads a text as text, a number as number, true as 1. */
export const rows: RowsOf = (columns, values) => {
  const selected = Object.keys(columns).map((name) => sql`value ->> ${sql.lit(`$.${name}`)} as ${sql.ref(name)}`)
  const stored = values.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value])),
  )
  return sql`(select key as n, ${sql.join(selected)} from json_each(${jsonText(stored)})) as v`
}

/** In the caller's transaction, or in a new one. */
export const inTransaction = <T>(db: Kysely<Tables>, run: (trx: Kysely<Tables>) => Promise<T>): Promise<T> =>
  db.isTransaction ? run(db) : db.transaction().execute(run)
