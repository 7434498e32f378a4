import { type Direction, isAfter, type SortKey, type Position, sorted, type Table } from '../state/table.ts'
import type { Row } from '../state/records.ts'

/** An Order is how a list is sorted; ties go by id. */
export interface SortOrder<R extends Row> {
  column: keyof R & string
  direction: Direction
}

/** The opaque cursor: it names the last row shown, so rows that come and go never shift a page. */
export function writeCursor<R extends Row>(row: R, { column, direction }: SortOrder<R>): string {
  return Buffer.from(JSON.stringify({ field: column, fieldValue: row[column], sortDirection: direction, id: row.id })).toString('base64url')
}

/** The position that a cursor names, or undefined when it is no cursor of this order. */
export function readCursor<R extends Row>(cursor: string, { column, direction }: SortOrder<R>): Position | undefined {
  try {
    const { field, fieldValue, sortDirection, id } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Record<string, unknown>
    const fits = field === column && sortDirection === direction && Number.isInteger(id)
    return fits && (fieldValue === null || ['string', 'number'].includes(typeof fieldValue))
      ? { key: fieldValue as SortKey, id: id as number }
      : undefined
  } catch {
    return undefined
  }
}

/** One page of the rows that `keep` wants. With `candidates` only those are looked at; without, the table is walked until the page is full. */
export function pageOf<R extends Row>(
  table: Table<R>,
  keep: (row: R) => boolean,
  order: SortOrder<R>,
  { limit, after, candidates }: { limit: number; after?: Position | undefined; candidates?: Iterable<R> | undefined },
): { rows: R[]; nextCursor: string | null } {
  const { column, direction } = order
  const rows: R[] = []
  for (const row of candidates ? arrange(candidates, order, after) : table.walk(column, direction, after)) {
    if (!keep(row)) continue
    if (rows.length === limit) return { rows, nextCursor: writeCursor(rows.at(-1)!, order) }
    rows.push(row)
  }
  return { rows, nextCursor: null }
}

function arrange<R extends Row>(candidates: Iterable<R>, { column, direction }: SortOrder<R>, after: Position | undefined): R[] {
  const rows = sorted(candidates, column)
  if (direction === 'desc') rows.reverse()
  return after ? rows.filter((row) => isAfter(row, column, direction, after)) : rows
}
