import type { Kysely } from 'kysely'
import { z } from 'zod'
import { primaryKeys, tableNames } from './table-names.ts'
import type { Tables } from './tables.ts'

/** Rows per statement: other statements on the embedded database wait while one runs. */
export const EXPORT_BATCH_ROWS = 100

/** `call_windows` counts the calls of the current minute; it has no value later. */
export const exportedTables = tableNames.filter((table) => table !== 'call_windows')

/** An ExportHeader is the first line of an export. Every further line is a row: `{"table":"owners","row":{…}}`, tables in the order of the header. */
export const ExportHeader = z.object({
  format: z.literal('dealbridge-store'),
  version: z.literal(2),
  /** The last migration of the database that it was made from. */
  schema: z.string(),
  exportedAt: z.iso.datetime(),
  /** The number of rows of each table, to detect a truncated file or a missing table. */
  tables: z.strictObject(Object.fromEntries(exportedTables.map((table) => [table, z.int().nonnegative()]))),
})
export type ExportHeader = z.infer<typeof ExportHeader>

/** An ExportLine is one row: times as ISO 8601 to the millisecond, JSON documents as text, so that no digit is lost. */
export const ExportLine = z.strictObject({
  table: z.enum(exportedTables),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type ExportLine = z.infer<typeof ExportLine>

/** A Column of a table, as an export writes it. */
export interface Column {
  name: string
  format: 'time' | 'json' | 'plain'
  /** The database generates its values. */
  isGenerated: boolean
}

const FORMATS: Readonly<Record<string, Column['format']>> = { timestamptz: 'time', time_integer: 'time', json: 'json', json_text: 'json' }

/** The columns of every table, by its name. */
export async function columnsOf(db: Kysely<Tables>): Promise<ReadonlyMap<string, readonly Column[]>> {
  const tables = await db.introspection.getTables()
  return new Map(
    tables.map(({ name: table, columns }) => [
      table,
      columns.map(({ name, dataType, isAutoIncrementing }) => ({
        name,
        format: FORMATS[dataType.toLowerCase()] ?? 'plain',
        isGenerated: isAutoIncrementing,
      })),
    ]),
  )
}

export const primaryKeyOf = (table: keyof Tables): readonly string[] => primaryKeys[table]
