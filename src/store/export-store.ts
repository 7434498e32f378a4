import { sql, type Transaction } from 'kysely'
import {
  columnsOf,
  EXPORT_BATCH_ROWS,
  exportedTables,
  primaryKeyOf,
  type Column,
  type ExportHeader,
  type ExportLine,
} from './export-format.ts'
import { latestMigration } from './migrations/index.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

type ExportedRow = ExportLine['row']

/**
 * Writes the whole store as JSON lines, as of one moment. Secrets stay as they are in the database: keys sealed, tokens as hashes. The export
 * includes the salt of the hashes, without which no connection key works after an import; the salt alone opens nothing.
 */
export async function exportStore(
  { transaction, engine }: Pick<Store, 'transaction' | 'engine'>,
  nowMs: number,
  write: (line: string) => Promise<void>,
): Promise<ExportHeader> {
  return transaction(async (trx) => {
    await engine.transfer.freeze(trx)
    const tables: Record<string, number> = {}
    for (const table of exportedTables) tables[table] = await count(trx, table)
    const header: ExportHeader = {
      format: 'dealbridge-store',
      version: 2,
      schema: latestMigration,
      exportedAt: new Date(nowMs).toISOString(),
      tables,
    }
    await write(JSON.stringify(header))
    const columns = await columnsOf(trx)
    for (const table of exportedTables)
      for await (const row of rowsOf(trx, table, columns.get(table)!)) await write(JSON.stringify({ table, row } satisfies ExportLine))
    return header
  })
}

async function count(trx: Transaction<Tables>, table: keyof Tables): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(trx)
  return rows[0]!.rows
}

async function* rowsOf(trx: Transaction<Tables>, table: keyof Tables, columns: readonly Column[]): AsyncGenerator<ExportedRow> {
  const selected = sql.join(
    columns.map(({ name, format }) => (format === 'json' ? sql`cast(${sql.ref(name)} as text) as ${sql.ref(name)}` : sql.ref(name))),
  )
  const key = sql.join(primaryKeyOf(table).map((name) => sql.ref(name)))
  let last: ExportedRow | undefined
  do {
    const after: ExportedRow | undefined = last
    const from = after ? sql`where (${key}) > (${sql.join(primaryKeyOf(table).map((name) => after[name]))})` : sql``
    const { rows } = await sql<
      Record<string, ExportedRow[string] | Date>
    >`select ${selected} from ${sql.table(table)} ${from} order by ${key} limit ${EXPORT_BATCH_ROWS}`.execute(trx)
    const written = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])),
    )
    yield* written
    last = rows.length === EXPORT_BATCH_ROWS ? written.at(-1) : undefined
  } while (last)
}
