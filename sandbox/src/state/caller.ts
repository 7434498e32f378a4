import type { Behaviour } from '../behaviour.ts'
import type { ApiKey } from './company.ts'
import { rfc3339 } from '../time.ts'
import type { Row } from './records.ts'

/** A Caller is the principal of a request, its time (seconds of the clock), and the switches that apply. */
export interface Caller extends ApiKey {
  now: number
  /** `now` in RFC 3339. */
  time: string
  behaviour: Readonly<Behaviour>
  /** Seconds after which new records become readable. */
  lateSeconds: number
}

/** Deleted records are removed permanently after this time. */
export const RETENTION_SECONDS = 30 * 86_400

/** Deleted records are still returned by id and by status=deleted for 30 days. */
export const isRetained = (row: Row, { now }: Caller): boolean => row.deleted_at === null || now - row.deleted_at < RETENTION_SECONDS

/** Whether reads return the row: a late commit hides it from reads, not from writes. */
export const isReadable = (row: Row, caller: Caller): boolean => row.readable_from <= caller.now && isRetained(row, caller)

/** The shared columns of a new record. */
export const newRow = ({ now, time, lateSeconds, behaviour }: Caller): Omit<Row, 'id'> => ({
  add_time: time,
  update_time: { add_time: time, 'a second later': rfc3339(now + 1), null: null }[behaviour.newUpdateTime],
  is_deleted: false,
  readable_from: now + lateSeconds,
  deleted_at: null,
})

/** The changes of a soft delete. */
export const removal = ({ now, time }: Caller): Pick<Row, 'is_deleted' | 'deleted_at' | 'update_time'> => ({
  is_deleted: true,
  deleted_at: now,
  update_time: time,
})
