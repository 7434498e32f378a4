import { defineTrigger } from '../../define.ts'
import { dealRecord } from '../records/deal.ts'
import type { EventType } from '../records/record-kind.ts'
import { DealChange } from '../shapes/change.ts'
import { DealResponseV2 } from '../shapes/deal.ts'
import { dealFilters } from './filters.ts'

const changedDeals = <const Id extends string>(id: Id, event: EventType) =>
  defineTrigger({
    id,
    set: 'deals',
    path: `/trigger/v2/deals/${event}`,
    input: dealFilters,
    output: DealResponseV2,
    record: dealRecord,
    event,
    poll: { list: dealRecord.list, fields: dealRecord.fields },
    instant: { id: `${id}Instant` as const, output: event === 'deleted' ? DealResponseV2 : DealChange, filters: dealFilters },
  })

export const trigDealUpdated = changedDeals('TrigDealUpdated', 'updated')
/** Moved to another stage, of the same pipeline or another. */
export const trigDealMoved = changedDeals('TrigDealMoved', 'moved')
export const trigDealWon = changedDeals('TrigDealWon', 'won')
export const trigDealLost = changedDeals('TrigDealLost', 'lost')
export const trigDealDeleted = changedDeals('TrigDealDeleted', 'deleted')
