import type { Follower, Row } from '../state/records.ts'
import type { Days } from './relative-days.ts'
import type { OwnedSeed } from './company-seed.ts'

/** The shared columns of a seed's row, by its age in days. */
export const seedRow = (
  added: number,
  days: Days,
  { updated = added, deleted }: { updated?: number | undefined; deleted?: number | undefined } = {},
): Omit<Row, 'id'> => ({
  add_time: days.time(added),
  update_time: days.time(deleted ?? updated),
  is_deleted: deleted !== undefined,
  readable_from: 0,
  deleted_at: deleted === undefined ? null : days.seconds(deleted),
})

export const seedFollowers = ({ owner, followers: others = [], added }: OwnedSeed, { seconds }: Days): Follower[] =>
  [owner, ...others].map((user_id) => ({ user_id, since: seconds(added) }))
