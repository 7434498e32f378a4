import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { primaryKeys, tableNames } from './table-names.ts'
import type { Tables } from './tables.ts'

/** Rows per statement: PGlite holds up the whole process while one runs. */
export const EXPORT_BATCH_ROWS = 100

/** The calls of the running minute are of no use a minute later. */
export const exportedTables = tableNames.filter((table) => table !== 'call_windows')

/** An ExportHeader is the first line of an export. Every further line is a row: `{"table":"owners","row":{…}}`, tables in the order of the header. */
export const ExportHeader = z.object({
  format: z.literal('dealbridge-store'),
  version: z.literal(1),
  /** The last migration of the database that it was made from. */
  schema: z.string(),
  exportedAt: z.iso.datetime(),
  /** How many rows of each follow: a file that was cut off is found out. */
  tables: z.record(z.string(), z.number()),
})
export type ExportHeader = z.infer<typeof ExportHeader>

/** An ExportLine is one row. Times and documents are written as PostgreSQL writes them, so that they come back to the last digit. */
export const ExportLine = z.strictObject({
  table: z.enum(exportedTables),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type ExportLine = z.infer<typeof ExportLine>

/** A Column of a table; `asText` says that its values are exported as PostgreSQL's text. */
export interface Column {
  name: string
  asText: boolean
}

const PLAIN = new Set(['text', 'bigint', 'integer', 'boolean'])

export async function columnsOf(db: Kysely<Tables>, table: keyof Tables): Promise<Column[]> {
  const { rows } = await sql<{ name: string; type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} order by ordinal_position`.execute(db)
  return rows.map(({ name, type }) => ({ name, asText: !PLAIN.has(type) }))
}

export const keyOf = (table: keyof Tables): readonly string[] => primaryKeys[table]
