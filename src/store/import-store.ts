import { sql, type Transaction } from 'kysely'
import { columnsOf, EXPORT_BATCH_ROWS, exportedTables, ExportHeader, ExportLine, type Column } from './export-format.ts'
import { latestMigration } from './migrate.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

type ImportedRow = ExportLine['row']
type ImportTransaction = Transaction<Tables>

/** Reads an export into an empty store: all of it, or nothing. No other process may use the store meanwhile: each has read its salt already. */
export async function importStore(store: Store, lines: AsyncIterable<string>): Promise<ExportHeader> {
  return store.transaction(async (trx) => {
    // Whoever writes at the same time waits, and is not overlooked.
    await sql`lock table ${sql.join(exportedTables.map((table) => sql.table(table)))} in access exclusive mode`.execute(trx)
    await refuseFilled(trx)
    await sql`delete from settings`.execute(trx)
    await sql`delete from owners`.execute(trx)
    const header = await insertLines(trx, lines)
    await continueSequences(trx)
    return header
  })
}

/** The ids that the database gives go on behind those that came along. */
async function continueSequences(trx: ImportTransaction): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES' and table_name in (${sql.join(exportedTables)})`.execute(trx)
  for (const { table, column } of rows)
    await sql`
      select setval(pg_get_serial_sequence(${table}, ${column}), (select coalesce(max(${sql.ref(column)}), 0) + 1 from ${sql.table(table)}), false)`.execute(
      trx,
    )
}

/** What every store has from its first start on: settings of its own, and the owner `admin`. */
const FROM_THE_START: readonly string[] = ['settings', 'owners']

async function refuseFilled(trx: ImportTransaction): Promise<void> {
  const filled: string[] = []
  for (const table of exportedTables) {
    const where = table === 'owners' ? sql`where id <> 'admin'` : sql``
    if (table !== 'owners' && FROM_THE_START.includes(table)) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} ${where} limit 1`.execute(trx)
    if (rows.length > 0) filled.push(table)
  }
  if (filled.length > 0)
    throw new Error(
      `The store is not empty (${filled.join(', ')}), and an import mixes nothing. Import into a new one: another --data folder, or another database in DATABASE_URL.`,
    )
}

async function insertLines(trx: ImportTransaction, lines: AsyncIterable<string>): Promise<ExportHeader> {
  let header: ExportHeader | undefined
  let number = 0
  let table: ExportLine['table'] | undefined
  let batch: ImportedRow[] = []
  const inserted: Record<string, number> = Object.fromEntries(exportedTables.map((name) => [name, 0]))
  const columns = new Map<string, Column[]>()
  const flush = async () => {
    if (!table || batch.length === 0) return
    await insert(trx, table, columns.get(table)!, batch)
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
    if (!parsed.success) throw new Error(`Line ${number} is no row of a table of this version; nothing was imported.`)
    if (parsed.data.table !== table || batch.length === EXPORT_BATCH_ROWS) await flush()
    table = parsed.data.table
    if (!columns.has(table)) columns.set(table, await columnsOf(trx, table))
    refuseOtherColumns(parsed.data.row, columns.get(table)!, table, number)
    batch.push(parsed.data.row)
  }
  await flush()
  if (!header) throw new Error('The file is empty.')
  const short = Object.entries(header.tables).filter(([name, rows]) => inserted[name] !== rows)
  if (short.length > 0)
    throw new Error(
      `The file is not whole: ${short.map(([name, rows]) => `${inserted[name] ?? 0} of ${rows} rows of ${name}`).join(', ')}. Nothing was imported.`,
    )
  return header
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The line itself may hold what no terminal should show.
    throw new Error(`Line ${number} is no JSON: the file was cut off or changed. Nothing was imported.`)
  }
}

function readHeader(line: string): ExportHeader {
  const parsed = ExportHeader.safeParse(parse(line, 1))
  if (!parsed.success) throw new Error('The file is no export of a Dealbridge store: its first line is not the header of one.')
  if (parsed.data.schema !== latestMigration())
    throw new Error(
      `The export was made from tables of ${parsed.data.schema}, and this version has those of ${latestMigration()}. ` +
        'Import it with the version that exported it, into a new store; this version then brings that store up to date when it starts.',
    )
  return parsed.data
}

function refuseOtherColumns(row: ImportedRow, columns: readonly Column[], table: string, number: number): void {
  const names = columns.map(({ name }) => name)
  const wrong = [...names.filter((name) => !(name in row)), ...Object.keys(row).filter((name) => !names.includes(name))]
  if (wrong.length > 0)
    throw new Error(`Line ${number}: a row of ${table} has other columns than the table (${wrong.join(', ')}). Nothing was imported.`)
}

async function insert(trx: ImportTransaction, table: string, columns: readonly Column[], rows: readonly ImportedRow[]): Promise<void> {
  const values = rows.map((row) => sql`(${sql.join(columns.map(({ name }) => row[name] ?? null))})`)
  // The ids of the audit log are given by the database; here they are given already.
  await sql`insert into ${sql.table(table)} (${sql.join(columns.map(({ name }) => sql.ref(name)))}) overriding system value values ${sql.join(values)}`.execute(
    trx,
  )
}
