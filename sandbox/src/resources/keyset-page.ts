import { type Direction, isAfter, type SortKey, type Position, sorted, type Table } from '../state/table.ts'
import type { Row } from '../state/records.ts'

/** A SortOrder is how a list is sorted; ties go by id. */
export interface SortOrder<R extends Row> {
  column: keyof R & string
  direction: Direction
}

/** The opaque cursor. It names the last returned row, so that inserts and deletes do not shift pages. */
export function writeCursor<R extends Row>(row: R, { column, direction }: SortOrder<R>): string {
  return Buffer.from(JSON.stringify({ field: column, fieldValue: row[column], sortDirection: direction, id: row.id })).toString('base64url')
}

/** The position of a cursor, or undefined if it does not match the sort order. */
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

/** One page of the rows that `keep` accepts, from `candidates` or from the table. */
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
