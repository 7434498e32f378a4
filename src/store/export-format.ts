import type { Kysely } from 'kysely'
import { z } from 'zod'
import { primaryKeys, tableNames } from './table-names.ts'
import type { Tables } from './tables.ts'

/** Rows per statement: the embedded database holds up the whole process while one runs. */
export const EXPORT_BATCH_ROWS = 100

/** The calls of the running minute are of no use a minute later. */
export const exportedTables = tableNames.filter((table) => table !== 'call_windows')

/** An ExportHeader is the first line of an export. Every further line is a row: `{"table":"owners","row":{…}}`, tables in the order of the header. */
export const ExportHeader = z.object({
  format: z.literal('dealbridge-store'),
  version: z.literal(2),
  /** The last migration of the database that it was made from. */
  schema: z.string(),
  exportedAt: z.iso.datetime(),
  /** How many rows of each follow: a file that was cut off is found out, and so is a table that is missing. */
  tables: z.strictObject(Object.fromEntries(exportedTables.map((table) => [table, z.int().nonnegative()]))),
})
export type ExportHeader = z.infer<typeof ExportHeader>

/** An ExportLine is one row: times as ISO 8601 to the millisecond, documents as their own text, so that they come back to the last digit. */
export const ExportLine = z.strictObject({
  table: z.enum(exportedTables),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type ExportLine = z.infer<typeof ExportLine>

/** A Column of a table, as an export writes it. */
export interface Column {
  name: string
  as: 'time' | 'json' | 'plain'
  /** The database gives its values. */
  isGiven: boolean
}

const KINDS: Readonly<Record<string, Column['as']>> = { timestamptz: 'time', time_integer: 'time', json: 'json', json_text: 'json' }

/** The columns of every table, by its name. */
export async function columnsOf(db: Kysely<Tables>): Promise<ReadonlyMap<string, readonly Column[]>> {
  const tables = await db.introspection.getTables()
  return new Map(
    tables.map(({ name: table, columns }) => [
      table,
      columns.map(({ name, dataType, isAutoIncrementing }) => ({
        name,
        as: KINDS[dataType.toLowerCase()] ?? 'plain',
        isGiven: isAutoIncrementing,
      })),
    ]),
  )
}

export const keyOf = (table: keyof Tables): readonly string[] => primaryKeys[table]
