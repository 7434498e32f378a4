import type { Company, User } from './company.ts'

/** A ChangeOrigin is the user and request behind a change. Observers of tables read it while the change is made. */
export interface ChangeOrigin {
  user: User
  company: Company
  changeSource: 'api'
  /** The x-correlation-id of the answer. */
  correlationId: string
  /** Set during a merge. */
  merge?: Merge
}

/**
 * A Merge combines two records of a table. It makes two events: `from` is deleted, `to` is changed. Related rows of `from` move to `to` first,
 * without events.
 */
export interface Merge {
  table: string
  from: number
  to: number
}
