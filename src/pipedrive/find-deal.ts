import { NotFound } from './errors/not-found.ts'
import type { MissingDeals } from './missing-deals.ts'
import type { DealListQuery, ResultPage } from './pipedrive.ts'
import type { V2DealWithIncluded } from './api-types.ts'

type List = (query: DealListQuery) => Promise<ResultPage<V2DealWithIncluded>>

/** Without it a list leaves the deleted ones out, and a deal may be both. */
const ANY_STATUS = ['open', 'won', 'lost', 'deleted']

/** The reads that a search for one deal is made of, as cheap ones first. */
export interface DealReads {
  get(id: number, include: readonly string[]): Promise<V2DealWithIncluded>
  list: List
  listArchived: List
}

/**
 * A deal, be it archived or deleted within the last 30 days. Whether Pipedrive serves those by id is not documented, so its lists are asked when it does not.
 * GET by id is asked each time: for 1 token no deal that exists is ever denied because it was missing a moment ago.
 */
export async function findDeal(
  id: number,
  include: readonly string[],
  reads: DealReads,
  missing: MissingDeals,
  digest: string,
): Promise<V2DealWithIncluded> {
  const remember = missing.watch(digest, id)
  try {
    return await reads.get(id, include)
  } catch (error) {
    if (!(error instanceof NotFound) || missing.has(digest, id)) throw error
    const only = (page: ResultPage<V2DealWithIncluded>) => page.rows.find((deal) => deal.id === id)
    // One after the other: together they would be sooner by a moment and dearer by 20 tokens.
    const deleted = only(await reads.list({ ids: [id], status: 'deleted', include }))
    if (deleted) return { ...deleted, is_deleted: true }
    const archived = only(await reads.listArchived({ ids: [id], status: ANY_STATUS, include }))
    if (archived) return { ...archived, is_archived: true, is_deleted: archived.is_deleted || archived.status === 'deleted' }
    remember()
    throw error
  }
}
