import type { StatementSync } from 'node:sqlite'

/** A Row is what a statement answers, column by column. */
export type Row = Record<string, unknown>

/** A TypedColumn is one whose values are not read as they are stored. */
export interface TypedColumn {
  name: string
  type: keyof typeof READERS
}

/** By the type that the table was made with. Expressions have none, and come as text or number. */
const READERS = {
  time_integer: (value: unknown): unknown => new Date(Number(value)),
  json_text: (value: unknown): unknown => JSON.parse(String(value)),
  boolean_integer: (value: unknown): unknown => value === 1,
}

const isTyped = (type: string | null): type is TypedColumn['type'] => type !== null && type in READERS

/** Undefined for a statement that answers no rows. */
export function typedColumns(statement: StatementSync): readonly TypedColumn[] | undefined {
  const columns = statement.columns()
  if (columns.length === 0) return undefined
  return columns.flatMap(({ name, type }) => (isTyped(type) ? [{ name, type }] : []))
}

/** Times as Dates, documents as what they hold. Changes the rows. */
export function readRows(rows: Row[], typed: readonly TypedColumn[]): Row[] {
  for (const { name, type } of typed) for (const row of rows) if (row[name] !== null) row[name] = READERS[type](row[name])
  return rows
}
