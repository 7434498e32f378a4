import { sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { TransferStatements } from './engine.ts'
import { columnsOf, EXPORT_BATCH_ROWS, exportedTables, ExportHeader, ExportLine, type Column } from './export-format.ts'
import { latestMigration } from './migrations/index.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

type ImportedRow = ExportLine['row']
type ImportTransaction = Transaction<Tables>

/** Reads an export into an empty store, completely or not at all. No other process may use the store meanwhile: it would still have the old salt. */
export async function importStore(
  { transaction, engine: { transfer } }: Pick<Store, 'transaction' | 'engine'>,
  lines: AsyncIterable<string>,
): Promise<ExportHeader> {
  return transaction(async (trx) => {
    // Concurrent writers wait until the import is done.
    await transfer.lockTables(trx, exportedTables)
    await requireEmpty(trx)
    await sql`delete from settings`.execute(trx)
    await sql`delete from owners`.execute(trx)
    const columns = await columnsOf(trx)
    const header = await insertLines(trx, transfer, columns, lines)
    const generated = exportedTables.flatMap((table) =>
      columns
        .get(table)!
        .filter(({ isGenerated }) => isGenerated)
        .map(({ name }) => ({ table, column: name })),
    )
    await transfer.continueIds(trx, generated)
    return header
  })
}

/** Every store has these rows from its first start: settings, and the owner `admin`. */
const FROM_THE_START: readonly string[] = ['settings', 'owners']

async function requireEmpty(trx: ImportTransaction): Promise<void> {
  const filled: string[] = []
  for (const table of exportedTables) {
    const where = table === 'owners' ? sql`where id <> 'admin'` : sql``
    if (table !== 'owners' && FROM_THE_START.includes(table)) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} ${where} limit 1`.execute(trx)
    if (rows.length > 0) filled.push(table)
  }
  if (filled.length > 0)
    throw new Error(
      `The store is not empty (${filled.join(', ')}), and an import needs an empty one. Use a new store: another --data folder, or another database in DATABASE_URL.`,
    )
}

async function insertLines(
  trx: ImportTransaction,
  transfer: TransferStatements,
  columns: ReadonlyMap<string, readonly Column[]>,
  lines: AsyncIterable<string>,
): Promise<ExportHeader> {
  let header: ExportHeader | undefined
  let number = 0
  let table: ExportLine['table'] | undefined
  let batch: ImportedRow[] = []
  const inserted: Record<string, number> = Object.fromEntries(exportedTables.map((name) => [name, 0]))
  const flush = async () => {
    if (!table || batch.length === 0) return
    await insert(trx, transfer, table, columns.get(table)!, batch)
    inserted[table]! += batch.length
    batch = []
  }
  for await (const line of lines) {
    number++
    if (line === '') continue
    if (!header) {
      header = readHeader(line)
      continue
    }
    const parsed = ExportLine.safeParse(parse(line, number))
    if (!parsed.success) throw new Error(`Line ${number} is not a row of a table of this version. Nothing was imported.`)
    if (parsed.data.table !== table || batch.length === EXPORT_BATCH_ROWS) await flush()
    table = parsed.data.table
    refuseOtherColumns(parsed.data.row, columns.get(table)!, table, number)
    batch.push(parsed.data.row)
  }
  await flush()
  if (!header) throw new Error('The file is empty.')
  const short = Object.entries(header.tables).filter(([name, rows]) => inserted[name] !== rows)
  if (short.length > 0)
    throw new Error(
      `The file is incomplete: ${short.map(([name, rows]) => `${inserted[name] ?? 0} of ${rows} rows of ${name}`).join(', ')}. Nothing was imported.`,
    )
  return header
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The message does not show the line, which may contain secrets or control characters.
    throw new Error(`Line ${number} is not JSON: the file was truncated or changed. Nothing was imported.`)
  }
}

const ExportStart = z.object({ format: z.literal('dealbridge-store'), version: z.int(), schema: z.string() })

function readHeader(line: string): ExportHeader {
  const header = parse(line, 1)
  const start = ExportStart.safeParse(header)
  if (!start.success) throw new Error('The file is not an export of a Dealbridge store: its first line is not an export header.')
  const { version, schema } = start.data
  if (version === 1)
    throw new Error(
      'The export is from Dealbridge 0.1, which had different tables, and this version cannot read it. Nothing was imported. Add the connections again, or keep version 0.1 for it.',
    )
  if (schema !== latestMigration)
    throw new Error(
      `The export was made from tables of ${schema}, and this version has those of ${latestMigration}. ` +
        'Import it with the version that exported it, into a new store; this version then brings that store up to date when it starts.',
    )
  const whole = ExportHeader.safeParse(header)
  if (!whole.success)
    throw new Error(
      `The file was changed: its header does not have a row count for every table (${whole.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}). Nothing was imported.`,
    )
  return whole.data
}

function refuseOtherColumns(row: ImportedRow, columns: readonly Column[], table: string, number: number): void {
  const names = columns.map(({ name }) => name)
  const wrong = [...names.filter((name) => !(name in row)), ...Object.keys(row).filter((name) => !names.includes(name))]
  if (wrong.length > 0)
    throw new Error(
      `Line ${number}: the columns of a row of ${table} differ from those of the table (${wrong.join(', ')}). Nothing was imported.`,
    )
}

async function insert(
  trx: ImportTransaction,
  { keepIds }: TransferStatements,
  table: string,
  columns: readonly Column[],
  rows: readonly ImportedRow[],
): Promise<void> {
  const valueOf = (row: ImportedRow, { name, format }: Column) => {
    const value = row[name] ?? null
    return format === 'time' && typeof value === 'string' ? new Date(value) : value
  }
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => valueOf(row, column)))})`)
  await sql`insert into ${sql.table(table)} (${sql.join(columns.map(({ name }) => sql.ref(name)))}) ${keepIds} values ${sql.join(values)}`.execute(
    trx,
  )
}
