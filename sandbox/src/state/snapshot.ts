import type { Company } from './company.ts'
import type { Row } from './records.ts'
import { Table } from './table.ts'

/** Increases when this version cannot read older snapshots. */
export const SNAPSHOT_FORMAT = 1

export interface TableSnapshot {
  /** The highest id ever assigned. */
  lastId: number
  rows: Row[]
}

export interface CompanySnapshot {
  values: Record<string, unknown>
  tables: Record<string, TableSnapshot>
}

/** A Snapshot is the complete state of a sandbox as JSON. */
export interface Snapshot {
  format: number
  /** State outside companies: the clock, the switches, the keys, spent tokens. */
  values: Record<string, unknown>
  companies: Record<string, CompanySnapshot>
}

/** The company id of entries that belong to no company. */
export const NO_COMPANY = 0

/** An Entry is one change of a snapshot. Entries are idempotent. */
export type Entry =
  | [step: 'set', company: number, name: string, value: unknown]
  | [step: 'row', company: number, table: string, row: Readonly<Row>]
  | [step: 'gone', company: number, table: string, id: number]
  | [step: 'last', company: number, table: string, id: number]

/** An InvalidSnapshot is a snapshot, or a snapshot file, that this version cannot read. */
export class InvalidSnapshot extends Error {}

export function checkFormat(format: unknown, what: string): void {
  if (format === SNAPSHOT_FORMAT) return
  throw new InvalidSnapshot(
    typeof format === 'number' && format > SNAPSHOT_FORMAT
      ? `${what} was written by a newer version of @dealbridge/sandbox (format ${format}; this one reads ${SNAPSHOT_FORMAT}). Update @dealbridge/sandbox, or use another folder.`
      : `${what} is not a snapshot of a sandbox: its format is unknown.`,
  )
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Checks the outer form of a snapshot; a sandbox wrote the rest. */
export function readSnapshot(value: unknown): Snapshot {
  const snapshot = isObject(value) ? value : {}
  checkFormat(snapshot['format'], 'This')
  const { values, companies } = snapshot
  const whole =
    isObject(values) &&
    isObject(companies) &&
    Object.values(companies).every((company) => isObject(company) && isObject(company['values']) && isObject(company['tables']))
  if (!whole) throw new InvalidSnapshot('This snapshot is incomplete: it needs values and companies, each with values and tables.')
  return structuredClone(snapshot) as unknown as Snapshot
}

const MAP = '$map'
/** Encodes a Map as `{ $map: [[key, value], …] }`. */
const encodeMap = (value: unknown): unknown => (value instanceof Map ? { [MAP]: [...(value as Map<unknown, unknown>)] } : value)
const decodeMap = (value: unknown): unknown => (isObject(value) && Array.isArray(value[MAP]) ? new Map(value[MAP] as []) : value)

/** The properties of a company that are not tables. */
export const valuesOf = (company: Company): Record<string, unknown> =>
  Object.fromEntries(Object.entries(company).flatMap(([name, value]) => (value instanceof Table ? [] : [[name, encodeMap(value)]])))

export const tablesOf = (company: Company): [name: string, table: Table<Row>][] =>
  Object.entries(company).filter((entry): entry is [string, Table<Row>] => entry[1] instanceof Table)

/** The complete state as entries. */
export function* entriesOf(values: Record<string, unknown>, companies: Iterable<Company>): Generator<Entry> {
  for (const [name, value] of Object.entries(values)) yield ['set', NO_COMPANY, name, value]
  for (const company of companies) {
    for (const [name, value] of Object.entries(valuesOf(company))) yield ['set', company.id, name, value]
    for (const [name, table] of tablesOf(company)) {
      for (const row of table.walk()) yield ['row', company.id, name, row]
      yield ['last', company.id, name, table.lastId]
    }
  }
}

/** Builds a snapshot from entries. It holds the same row objects. */
export function snapshotOf(entries: Iterable<Entry>): Snapshot {
  const snapshot: Snapshot = { format: SNAPSHOT_FORMAT, values: {}, companies: {} }
  const rows = new Map<TableSnapshot, Map<number, Row>>()
  for (const [step, id, name, what] of entries) {
    if (id === NO_COMPANY) {
      snapshot.values[name] = what
      continue
    }
    const company = (snapshot.companies[id] ??= { values: {}, tables: {} })
    if (step === 'set') {
      company.values[name] = what
      continue
    }
    const table = (company.tables[name] ??= { lastId: 0, rows: [] })
    let byId = rows.get(table)
    if (!byId) rows.set(table, (byId = new Map()))
    if (step === 'row') byId.set(what.id, what)
    else if (step === 'gone') byId.delete(what)
    table.lastId = Math.max(table.lastId, step === 'row' ? what.id : what)
  }
  for (const [table, byId] of rows) table.rows = [...byId.values()].sort((a, b) => a.id - b.id)
  return snapshot
}

/** Restores the companies of a snapshot. `empty` creates an empty company, which supplies what an older snapshot lacks. */
export function companiesOf(snapshot: Snapshot, empty: () => Company): Company[] {
  return Object.values(snapshot.companies).map(({ values, tables }) => {
    const company = empty()
    Object.assign(company, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decodeMap(value)])))
    for (const [name, table] of tablesOf(company)) {
      const { rows, lastId } = tables[name] ?? { rows: [], lastId: 0 }
      for (const row of rows) table.insert(row)
      table.skipTo(lastId)
    }
    return company
  })
}
