import { defineTrigger } from '../../define.ts'
import { dealRecord } from '../records/deal.ts'
import type { EventType } from '../records/record-kind.ts'
import { DealChange } from '../shapes/change.ts'
import { DealResponseV2 } from '../shapes/deal.ts'
import { dealFilters } from './filters.ts'

const changedDeals = (id: string, happening: EventType) =>
  defineTrigger({
    id,
    path: `/trigger/v2/deals/${happening}`,
    input: dealFilters,
    output: DealResponseV2,
    record: dealRecord,
    event: happening,
    poll: { list: dealRecord.list, fields: dealRecord.fields },
    instant: { id: `${id}Instant`, output: happening === 'deleted' ? DealResponseV2 : DealChange, filters: dealFilters },
  })

export const trigDealUpdated = changedDeals('TrigDealUpdated', 'updated')
/** Into another stage, of the same pipeline or another. */
export const trigDealMoved = changedDeals('TrigDealMoved', 'moved')
export const trigDealWon = changedDeals('TrigDealWon', 'won')
export const trigDealLost = changedDeals('TrigDealLost', 'lost')
export const trigDealDeleted = changedDeals('TrigDealDeleted', 'deleted')
