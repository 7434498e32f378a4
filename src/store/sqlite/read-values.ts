import type { StatementSync } from 'node:sqlite'

/** A Row is what a statement answers, column by column. */
export type Row = Record<string, unknown>

type Read = (value: unknown) => unknown

/** By the type that the table was made with. Expressions have none, and come as text or number. */
const READERS: Readonly<Record<string, Read>> = {
  time_integer: (value) => new Date(Number(value)),
  json_text: (value) => JSON.parse(String(value)) as unknown,
  boolean_integer: (value) => value === 1,
}

/** Reads the rows of one statement: times as Dates, documents as what they hold. Undefined for a statement that answers no rows. */
export function readerOf(statement: StatementSync): ((rows: Row[]) => Row[]) | undefined {
  const columns = statement.columns()
  if (columns.length === 0) return undefined
  const typed = columns.flatMap(({ name, type }) => {
    const read = READERS[type ?? '']
    return read ? [{ name, read }] : []
  })
  return (rows) => {
    for (const { name, read } of typed) for (const row of rows) if (row[name] !== null) row[name] = read(row[name])
    return rows
  }
}
