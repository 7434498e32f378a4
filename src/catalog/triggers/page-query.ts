import type { ListQuery } from '../../pipedrive/pipedrive.ts'
import type { FeedQuery } from '../define.ts'

/** Upstream's words for "the newest" and "exactly these"; by id, since ids grow with creation while add_time can be back-dated. */
export const pageQuery = (query: FeedQuery): ListQuery =>
  'ids' in query
    ? { ids: query.ids, limit: query.ids.length }
    : { sort_by: 'id', sort_direction: 'desc', limit: query.newest, ...(query.cursor && { cursor: query.cursor }) }
