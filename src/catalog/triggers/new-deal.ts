import * as z from 'zod'
import type { V2DealWithIncluded } from '../../pipedrive/wire.ts'
import { defineTrigger, type Feed } from '../define.ts'
import { includeFields, type Mapping } from '../mapping.ts'
import { dealFields, dealFieldsV2 } from '../mappings/deal.ts'
import { DealResponse, DealResponseV2 } from '../shapes/deal.ts'
import { pageQuery } from './page-query.ts'

const newDeals = <C>(fields: Mapping<V2DealWithIncluded, C>): Feed<V2DealWithIncluded, C> => ({
  list: (pipedrive, query) => pipedrive.deals.list({ ...pageQuery(query), include: includeFields(fields) }),
  fields,
})

export const trigNewDealV2 = defineTrigger({
  id: 'TrigNewDealV2',
  path: '/connector-v2/trigger/v1/deals',
  preview: true,
  revision: { family: 'TrigNewDeal', number: 2 },
  input: z.object({}),
  output: DealResponseV2,
  feed: newDeals(dealFieldsV2),
})

export const trigNewDeal = defineTrigger({
  id: 'TrigNewDeal',
  path: '/trigger/v1/deals',
  revision: { family: 'TrigNewDeal', number: 1, replacement: 'TrigNewDealV2' },
  input: z.object({}),
  output: DealResponse,
  feed: newDeals(dealFields),
})
