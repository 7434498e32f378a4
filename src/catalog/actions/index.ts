import { duplicateDeal } from './duplicate-deal.ts'
import { listArchivedDeals } from './list-archived-deals.ts'
import { mergeDeals, mergeOrganizations, mergePersons } from './merge-records.ts'

/** The actions of objects that no table can say. */
export const oddActions = [listArchivedDeals, duplicateDeal, mergeDeals, mergePersons, mergeOrganizations]
