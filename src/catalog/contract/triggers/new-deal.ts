import * as z from 'zod'
import { includeFields, type Mapping } from '../../mapping.ts'
import { dealFields, dealFieldsV2 } from '../mappings/deal.ts'
import { dealRecord } from '../records/deal.ts'
import { listQuery } from '../records/read-row.ts'
import { DealResponse, DealResponseV2 } from '../shapes/deal.ts'
import type { V2DealWithIncluded } from '../../../pipedrive/api-types.ts'
import { defineTrigger, type PollSource } from '../../define.ts'
import { dealFilters } from './filters.ts'

const newDeals = <C>(fields: Mapping<V2DealWithIncluded, C>): PollSource<V2DealWithIncluded, C> => ({
  list: (pipedrive, query) => pipedrive.deals.list({ ...listQuery(query), include: includeFields(fields) }),
  fields,
})

export const trigNewDealV2 = defineTrigger({
  id: 'TrigNewDealV2',
  set: 'deals',
  path: '/connector-v2/trigger/v1/deals',
  preview: true,
  revision: { family: 'TrigNewDeal', number: 2 },
  input: z.object({}),
  output: DealResponseV2,
  record: dealRecord,
  event: 'added',
  poll: newDeals(dealFieldsV2),
  instant: { id: 'TrigNewDealInstant', output: DealResponseV2, filters: dealFilters },
})

export const trigNewDeal = defineTrigger({
  id: 'TrigNewDeal',
  set: 'deals',
  path: '/trigger/v1/deals',
  revision: { family: 'TrigNewDeal', number: 1, replacement: 'TrigNewDealV2' },
  input: z.object({}),
  output: DealResponse,
  record: dealRecord,
  event: 'added',
  poll: newDeals(dealFields),
})
