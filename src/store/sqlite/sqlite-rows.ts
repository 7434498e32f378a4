import { sql, type CompiledQuery, type Kysely } from 'kysely'
import type { RowsOf } from '../columns.ts'
import { jsonText } from '../json-text.ts'
import type { Tables } from '../tables.ts'
import { ScriptQuery } from './script-query.ts'

/** `->>` reads a text as text, a number as number, true as 1. */
export const rows: RowsOf = (columns, values) => {
  const selected = Object.keys(columns).map((name) => sql`value ->> ${sql.lit(`$.${name}`)} as ${sql.ref(name)}`)
  const stored = values.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value])),
  )
  return sql`(select key as n, ${sql.join(selected)} from json_each(${jsonText(stored)})) as v`
}

/** All statements or none, in the caller's transaction or in their own. Returns the rows of each. */
export async function inOneCommit(
  db: Kysely<Tables>,
  statements: readonly [CompiledQuery, ...CompiledQuery[]],
  isLazy = false,
): Promise<readonly (readonly Record<string, unknown>[])[]> {
  if (!db.isTransaction) return (await db.executeQuery<readonly Record<string, unknown>[]>(new ScriptQuery(statements, isLazy))).rows
  const results: Record<string, unknown>[][] = []
  for (const statement of statements) results.push((await db.executeQuery<Record<string, unknown>>(statement)).rows)
  return results
}
