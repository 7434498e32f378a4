import { deal } from '../objects/deal.ts'
import { listAction } from '../objects/verbs/read-verbs.ts'

/** Pipedrive has the archived deals in a list of their own, at twice the price. */
export const listArchivedDeals = {
  ...listAction({ ...deal, name: 'archivedDeal', plural: 'archived deals', path: '/v2/archived/deals' }),
  id: 'DealListArchived' as const,
  derivedFrom: { object: 'deal', verb: 'list' } as const,
}
