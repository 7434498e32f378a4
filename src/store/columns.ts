import { sql, type RawBuilder } from 'kysely'

/** A ColumnType is what a column holds, whatever an engine calls it. */
export type ColumnType = 'text' | 'int' | 'bigint' | 'time' | 'json' | 'boolean'

/** ColumnTypes say what each type is called in the `create table` of an engine. `id` is a number that the database gives, never twice. */
export type ColumnTypes = Readonly<Record<ColumnType | 'id', RawBuilder<unknown>>>

/** Milliseconds: more than a Date holds would come back as another time. */
export const postgresTypes: ColumnTypes = {
  text: sql`text`,
  int: sql`int`,
  bigint: sql`bigint`,
  time: sql`timestamptz(3)`,
  // Not jsonb, which takes neither U+0000 nor half a surrogate pair, and forgets the order of fields.
  json: sql`json`,
  boolean: sql`boolean`,
  id: sql`bigint generated always as identity primary key`,
}

/**
 * SQLite reads two things from these names: INT or TEXT in them decides how a value is stored, and the driver reads back the name to know what
 * to make of it.
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

/** RowsOf makes rows of values the table `v` of a statement, in one parameter. `v.n` is their order, from 0. */
export type RowsOf = (
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly Readonly<Record<string, unknown>>[],
) => RawBuilder<unknown>
