import type { Company, User } from './company.ts'

/** An Acting is who changes something, and through what, while it is being changed: a table's observer reads it. */
export interface ChangeOrigin {
  user: User
  company: Company
  changeSource: 'api'
  /** The x-correlation-id of the answer. */
  correlationId: string
  /** Set while two records become one. */
  merge?: Merge
}

/**
 * A Merge is one record of a table becoming part of another of the same table. It makes two events, for `from` (deleted) and for `to` (changed);
 * what hangs on `from` is moved to `to` before, and those rows, of other tables or with other ids, make no events of their own.
 */
export interface Merge {
  table: string
  from: number
  to: number
}
