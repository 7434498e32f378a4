import type { Row } from './records.ts'

export type Direction = 'asc' | 'desc'
export type Key = string | number | null

/** A Position is a place between rows: the row with this sort value and id lies just before it. */
export interface Position {
  key: Key
  id: number
}

const compareKeys = (a: Key, b: Key): number => (a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1)
const compare = (a: Position, b: Position): number => compareKeys(a.key, b.key) || a.id - b.id
const positionOf = <R extends Row>(row: R, column: keyof R & string): Position => ({ key: row[column] as Key, id: row.id })

/** The first index in `rows`, which are ordered by `column` and id, whose row does not lie before `at`. */
function lowerBound<R extends Row>(rows: readonly R[], column: keyof R & string, at: Position): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(positionOf(rows[middle]!, column), at) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A Table is the rows of one kind in one company. Orders by id and, once somebody sorted by it, by any other column are kept while rows change,
 * so that a page costs what it shows and not what the table holds.
 */
export class Table<R extends Row> {
  readonly #rows = new Map<number, R>()
  readonly #orders = new Map<keyof R & string, R[]>([['id', []]])
  readonly #indexes = new Map<keyof R & string, Map<unknown, Set<R>>>()
  #lastId = 0

  constructor(indexed: readonly (keyof R & string)[] = []) {
    for (const column of indexed) this.#indexes.set(column, new Map())
  }

  get size(): number {
    return this.#rows.size
  }

  get(id: number): R | undefined {
    return this.#rows.get(id)
  }

  /** Gives the row the next id, or keeps the one that it brings. */
  insert(values: Omit<R, 'id'> & { id?: number }): R {
    const row = { ...values, id: values.id ?? this.#lastId + 1 } as unknown as R
    this.#lastId = Math.max(this.#lastId, row.id)
    this.#rows.set(row.id, row)
    for (const column of this.#orders.keys()) this.#place(column, row)
    for (const column of this.#indexes.keys()) this.#enter(column, row)
    return row
  }

  change(row: R, changes: Partial<R>): void {
    const columns = Object.keys(changes) as (keyof R & string)[]
    for (const column of columns) {
      const order = this.#orders.get(column)
      order?.splice(lowerBound(order, column, positionOf(row, column)), 1)
      this.#indexes.get(column)?.get(row[column])?.delete(row)
    }
    Object.assign(row, changes)
    for (const column of columns) {
      if (this.#orders.has(column)) this.#place(column, row)
      if (this.#indexes.has(column)) this.#enter(column, row)
    }
  }

  isIndexed(column: string): column is keyof R & string {
    return this.#indexes.has(column as keyof R & string)
  }

  /** The rows that hold `value` in an indexed column, in no particular order. */
  where(column: keyof R & string, value: unknown): ReadonlySet<R> {
    return this.#indexes.get(column)?.get(value) ?? new Set()
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

  #place(column: keyof R & string, row: R): void {
    const order = this.#orders.get(column)!
    order.splice(lowerBound(order, column, positionOf(row, column)), 0, row)
  }

  #enter(column: keyof R & string, row: R): void {
    const index = this.#indexes.get(column)!
    const rows = index.get(row[column])
    if (rows) rows.add(row)
    else index.set(row[column], new Set([row]))
  }
}

/** Rows in ascending order of a column, ties by id. */
export const sorted = <R extends Row>(rows: Iterable<R>, column: keyof R & string): R[] =>
  [...rows].sort((a, b) => compare(positionOf(a, column), positionOf(b, column)))

/** Whether a row lies after a position in the given direction. */
export const isAfter = <R extends Row>(row: R, column: keyof R & string, direction: Direction, position: Position): boolean =>
  direction === 'asc' ? compare(positionOf(row, column), position) > 0 : compare(positionOf(row, column), position) < 0
