import { NotFound } from './errors/not-found.ts'
import type { MissingDeals } from './missing-deals.ts'
import type { DealListQuery, ResultPage } from './pipedrive.ts'
import type { V2DealWithIncluded } from './api-types.ts'

type List = (query: DealListQuery) => Promise<ResultPage<V2DealWithIncluded>>

/** Without it the list omits deleted deals, and a deal can be archived and deleted. */
const ANY_STATUS = ['open', 'won', 'lost', 'deleted']

/** The reads of a search for one deal, the cheapest first. */
export interface DealReads {
  get(id: number, include: readonly string[]): Promise<V2DealWithIncluded>
  list: List
  listArchived: List
}

/**
 * Finds a deal, also an archived one or one deleted within the last 30 days. Whether Pipedrive serves those by id is not documented, so the lists
 * are read if it does not. GET by id is sent each time (1 token), so that a deal that exists is never reported missing because of an earlier search.
 */
export async function findDeal(
  id: number,
  include: readonly string[],
  reads: DealReads,
  missing: MissingDeals,
  digest: string,
): Promise<V2DealWithIncluded> {
  const markMissing = missing.startSearch(digest, id)
  try {
    return await reads.get(id, include)
  } catch (error) {
    if (!(error instanceof NotFound) || missing.has(digest, id)) throw error
    const findIn = (page: ResultPage<V2DealWithIncluded>) => page.rows.find((deal) => deal.id === id)
    // In sequence: in parallel they would be slightly faster, but cost 20 tokens more.
    const deleted = findIn(await reads.list({ ids: [id], status: 'deleted', include }))
    if (deleted) return { ...deleted, is_deleted: true }
    const archived = findIn(await reads.listArchived({ ids: [id], status: ANY_STATUS, include }))
    if (archived) return { ...archived, is_archived: true, is_deleted: archived.is_deleted || archived.status === 'deleted' }
    markMissing()
    throw error
  }
}
