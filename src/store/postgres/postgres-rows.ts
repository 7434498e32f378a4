import { sql } from 'kysely'
import { postgresTypes, type RowsOf } from '../columns.ts'
import { jsonText } from '../json-text.ts'

/** In a condition: confirms the statement before it is on disk, which halves its cost. */
export const UNFLUSHED = sql`(select set_config('synchronous_commit', 'off', true)) is not null`

/** One parameter instead of thousands takes PostgreSQL half the time. JSON documents are passed as text, because jsonb reorders their fields. */
export const rows: RowsOf = (columns, values) => {
  const entries = Object.entries(columns)
  const selected = entries.map(([name, type]) => (type === 'json' ? sql`${sql.ref(name)}::json as ${sql.ref(name)}` : sql.ref(name)))
  const typed = entries.map(([name, type]) => sql`${sql.ref(name)} ${postgresTypes[type === 'json' ? 'text' : type]}`)
  const numbered = values.map((row, n) => ({ n, ...row }))
  return sql`(select n, ${sql.join(selected)} from jsonb_to_recordset(${jsonText(numbered)}::jsonb) as r (n int, ${sql.join(typed)})) as v`
}
