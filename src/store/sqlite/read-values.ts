import type { StatementSync } from 'node:sqlite'

/** A Row is one row of a result, by column. */
export type Row = Record<string, unknown>

/** A TypedColumn is a column whose stored values are converted when read. */
export interface TypedColumn {
  name: string
  type: keyof typeof READERS
}

/** By the declared type of the column. Expressions have none, and return text or numbers. */
const READERS = {
  time_integer: (value: unknown): unknown => new Date(Number(value)),
  json_text: (value: unknown): unknown => JSON.parse(String(value)),
  boolean_integer: (value: unknown): unknown => value === 1,
}

const isTyped = (type: string | null): type is TypedColumn['type'] => type !== null && type in READERS

/** Undefined for a statement that returns no rows. */
export function typedColumns(statement: StatementSync): readonly TypedColumn[] | undefined {
  const columns = statement.columns()
  if (columns.length === 0) return undefined
  return columns.flatMap(({ name, type }) => (isTyped(type) ? [{ name, type }] : []))
}

/** Converts times to Dates, and documents to values. Changes the rows. */
export function readRows(rows: Row[], typed: readonly TypedColumn[]): Row[] {
  for (const { name, type } of typed) for (const row of rows) if (row[name] !== null) row[name] = READERS[type](row[name])
  return rows
}
