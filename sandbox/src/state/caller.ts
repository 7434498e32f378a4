import type { Behaviour } from '../behaviour.ts'
import type { ApiKey } from './company.ts'
import { rfc3339 } from '../time.ts'
import type { Row } from './records.ts'

/** A Caller is on whose behalf a request is served, when (seconds by the clock), and how the unknown points are played. */
export interface Caller extends ApiKey {
  now: number
  /** `now` in RFC 3339. */
  time: string
  behaviour: Readonly<Behaviour>
  /** Seconds after which new records become readable. */
  lateSeconds: number
}

/** Deleted records stay this long, then they are gone. */
export const RETENTION_SECONDS = 30 * 86_400

/** A deleted record is served by id and by status=deleted for 30 days. */
export const isRetained = (row: Row, { now }: Caller): boolean => row.deleted_at === null || now - row.deleted_at < RETENTION_SECONDS

/** Whether reads see the row at all: a late commit hides it from reads, but not from the write that names its id. */
export const isReadable = (row: Row, caller: Caller): boolean => row.readable_from <= caller.now && isRetained(row, caller)

/** What every new record starts with. */
export const newRow = ({ now, time, lateSeconds, behaviour }: Caller): Omit<Row, 'id'> => ({
  add_time: time,
  update_time: { add_time: time, 'a second later': rfc3339(now + 1), null: null }[behaviour.newUpdateTime],
  is_deleted: false,
  readable_from: now + lateSeconds,
  deleted_at: null,
})

/** What a soft delete changes on a row of any kind. */
export const removal = ({ now, time }: Caller): Pick<Row, 'is_deleted' | 'deleted_at' | 'update_time'> => ({
  is_deleted: true,
  deleted_at: now,
  update_time: time,
})
