import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Tables } from './tables.ts'

/** A ColumnType is the type of a column, independent of the engine. */
export type ColumnType = 'text' | 'int' | 'bigint' | 'time' | 'json' | 'boolean'

/** ColumnTypes name each type in the `create table` of an engine. `id` is a generated number that is never reused. */
export type ColumnTypes = Readonly<Record<ColumnType | 'id', RawBuilder<unknown>>>

/** Milliseconds, the precision of a Date. */
export const postgresTypes: ColumnTypes = {
  text: sql`text`,
  int: sql`int`,
  bigint: sql`bigint`,
  time: sql`timestamptz(3)`,
  // Not jsonb, which rejects U+0000 and lone surrogates, and loses the order of fields.
  json: sql`json`,
  boolean: sql`boolean`,
  id: sql`bigint generated always as identity primary key`,
}

/**
 * INT or TEXT in a name decides how SQLite stores a value, and the driver converts values by the name.
 */
export const sqliteTypes: ColumnTypes = {
  text: sql`text`,
  int: sql`integer`,
  bigint: sql`integer`,
  time: sql`time_integer`,
  json: sql`json_text`,
  boolean: sql`boolean_integer`,
  id: sql`integer primary key autoincrement`,
}

/** Lazily runs a statement that need not be on disk when it is confirmed: a crash of the database may lose it. The condition belongs into the statement. */
export type Lazily = <T>(db: Kysely<Tables>, statement: (condition: RawBuilder<unknown>) => RawBuilder<T>) => Promise<T[]>

/** RowsOf makes rows of values the table `v` of a statement, in one parameter. `v.n` is their order, from 0. */
export type RowsOf = (
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly Readonly<Record<string, unknown>>[],
) => RawBuilder<unknown>
