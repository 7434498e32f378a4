import { isDeepStrictEqual } from 'node:util'
import type { Row } from './records.ts'

export type Direction = 'asc' | 'desc'
export type SortKey = string | number | null

/** A Position is a place in a sort order: directly after the row with this sort value and id. */
export interface Position {
  key: SortKey
  id: number
}

/** A TableChange is one committed change of a table. `row` is the row after it, `before` the previous values of its changed columns. */
export type TableChange<R extends Row = Row> = { table: string; row: Readonly<R> } & (
  { kind: 'insert' | 'remove' } | { kind: 'change'; before: Partial<R> }
)
type Observer<R extends Row> = (change: TableChange<R>) => void

const NOTHING: ReadonlySet<never> = new Set<never>()

const compareKeys = (a: SortKey, b: SortKey): number => (a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1)
const compare = (a: Position, b: Position): number => compareKeys(a.key, b.key) || a.id - b.id
const positionOf = <R extends Row>(row: R, column: keyof R & string): Position => ({ key: row[column] as SortKey, id: row.id })

/** The same object again was altered in place: its previous value is lost, but observers are notified. */
const differ = (a: unknown, b: unknown): boolean => (a === b ? typeof a === 'object' && a !== null : !isDeepStrictEqual(a, b))

/** The index of the first row that is not before `at`; `rows` are ordered by `column` and id. */
function lowerBound<R extends Row>(rows: readonly R[], column: keyof R & string, at: Position): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]!
    if ((compareKeys(row[column] as SortKey, at.key) || row.id - at.id) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A Table is the rows of one kind in one company. It maintains sort orders (by id, and by each column after its first use), so that the cost of a
 * page depends on the page, not on the table. All changes must go through `insert`, `change` or `remove`: sort orders and the journal miss a row
 * that is altered in place.
 */
export class Table<R extends Row> {
  readonly #rows = new Map<number, R>()
  readonly #orders = new Map<keyof R & string, R[]>([['id', []]])
  /** By column; built at the first use, like sort orders. */
  readonly #indexes = new Map<keyof R & string, Map<unknown, Set<R>> | undefined>()
  readonly #observers = new Set<Observer<R>>()
  readonly #name: string
  #lastId = 0

  constructor(indexed: readonly (keyof R & string)[] = [], name = '') {
    this.#name = name
    for (const column of indexed) this.#indexes.set(column, undefined)
  }

  get size(): number {
    return this.#rows.size
  }

  /** The highest id ever assigned; ids of removed rows are not reused. */
  get lastId(): number {
    return this.#lastId
  }

  /** Calls `observer` synchronously after each change. The returned function unsubscribes. */
  observe(observer: Observer<R>): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  /** Skips the ids up to this one: removed rows had them. */
  skipTo(id: number): void {
    this.#lastId = Math.max(this.#lastId, id)
  }

  get(id: number): R | undefined {
    return this.#rows.get(id)
  }

  /** Inserts the object itself as a row, with its own id or the next one. */
  insert(values: Omit<R, 'id'> & { id?: number }): R {
    values.id ??= this.#lastId + 1
    const row = values as unknown as R
    this.#lastId = Math.max(this.#lastId, row.id)
    this.#rows.set(row.id, row)
    for (const column of this.#orders.keys()) this.#place(column, row)
    for (const [column, index] of this.#indexes) if (index) enter(index, column, row)
    this.#notify({ table: this.#name, kind: 'insert', row })
    return row
  }

  change(row: R, changes: Partial<R>): void {
    const columns = (Object.keys(changes) as (keyof R & string)[]).filter((column) => differ(row[column], changes[column]))
    if (columns.length === 0) return
    const before: Partial<R> = {}
    for (const column of columns) {
      before[column] = row[column]
      this.#leave(column, row)
    }
    Object.assign(row, changes)
    for (const column of columns) {
      if (this.#orders.has(column)) this.#place(column, row)
      const index = this.#indexes.get(column)
      if (index) enter(index, column, row)
    }
    this.#notify({ table: this.#name, kind: 'change', row, before })
  }

  /** Removes the row permanently. Deleted records of Pipedrive are only marked, for 30 days. */
  remove(row: R): void {
    if (!this.#rows.delete(row.id)) return
    for (const column of new Set([...this.#orders.keys(), ...this.#indexes.keys()])) this.#leave(column, row)
    this.#notify({ table: this.#name, kind: 'remove', row })
  }

  isIndexed(column: string): column is keyof R & string {
    return this.#indexes.has(column as keyof R & string)
  }

  /** The rows with `value` in an indexed column, unordered. */
  where(column: keyof R & string, value: unknown): ReadonlySet<R> {
    let index = this.#indexes.get(column)
    if (!index) {
      if (!this.#indexes.has(column)) throw new Error(`${this.#name} has no index of ${column}`)
      this.#indexes.set(column, (index = new Map()))
      for (const row of this.#rows.values()) enter(index, column, row)
    }
    return index.get(value) ?? NOTHING
  }

  /** All rows in order from a position on. */
  *walk(column: keyof R & string = 'id', direction: Direction = 'asc', after?: Position): Generator<R> {
    const order = this.#order(column)
    if (direction === 'asc') {
      const start = after ? lowerBound(order, column, { ...after, id: after.id + 1 }) : 0
      for (let at = start; at < order.length; at++) yield order[at]!
    } else {
      const start = after ? lowerBound(order, column, after) : order.length
      for (let at = start - 1; at >= 0; at--) yield order[at]!
    }
  }

  #order(column: keyof R & string): R[] {
    let order = this.#orders.get(column)
    if (!order) this.#orders.set(column, (order = sorted(this.#rows.values(), column)))
    return order
  }

  #notify(change: TableChange<R>): void {
    for (const observer of this.#observers) observer(change)
  }

  #leave(column: keyof R & string, row: R): void {
    const order = this.#orders.get(column)
    order?.splice(lowerBound(order, column, positionOf(row, column)), 1)
    const index = this.#indexes.get(column)
    const rows = index?.get(row[column])
    if (!rows?.delete(row)) return
    if (rows.size === 0) index!.delete(row[column])
  }

  #place(column: keyof R & string, row: R): void {
    const order = this.#orders.get(column)!
    const last = order.at(-1)
    // New rows are usually the last.
    if (!last || compare(positionOf(last, column), positionOf(row, column)) < 0) order.push(row)
    else order.splice(lowerBound(order, column, positionOf(row, column)), 0, row)
  }
}

function enter<R extends Row>(index: Map<unknown, Set<R>>, column: keyof R & string, row: R): void {
  const rows = index.get(row[column])
  if (rows) rows.add(row)
  else index.set(row[column], new Set([row]))
}

/** Rows in ascending order of a column, ties by id. */
export const sorted = <R extends Row>(rows: Iterable<R>, column: keyof R & string): R[] =>
  [...rows].sort((a, b) => compareKeys(a[column] as SortKey, b[column] as SortKey) || a.id - b.id)

/** Whether a row comes after a position in the given direction. */
export const isAfter = <R extends Row>(row: R, column: keyof R & string, direction: Direction, position: Position): boolean =>
  direction === 'asc' ? compare(positionOf(row, column), position) > 0 : compare(positionOf(row, column), position) < 0
