import * as z from 'zod'
import { notFound, unchangeable } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import { type Caller, isRetained, isReadable } from '../state/caller.ts'
import type { DealRow, Row } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import type { Parent } from './resource.ts'
import type { Call } from './route.ts'

const ofDeal = z.object({ id: query.whole() })
const nothing = z.strictObject({})

/** The deal that a path names, if the caller may read it. */
export function readDeal(call: Call): DealRow {
  const { id } = validate(ofDeal, call.params, call.behaviour)
  const deal = call.company.deals.get(id)
  if (!deal || deal.is_deleted || !isReadable(deal, call) || !canSee(deal, call)) throw notFound('Deal')
  return deal
}

/** The deals that a query names and the caller may read, without duplicates. */
export const readDeals = (ids: readonly number[], call: Call): DealRow[] =>
  [...new Set(ids)]
    .flatMap((id) => call.company.deals.get(id) ?? [])
    .filter((deal) => !deal.is_deleted && isReadable(deal, call) && canSee(deal, call))

/** The deal that a path names, if it can be changed. */
export function dealForWrite(call: Call): DealRow {
  validate(nothing, call.query, call.behaviour)
  return changeableDeal(call)
}

export function changeableDeal(call: Call): DealRow {
  const { behaviour } = call
  const deal = call.company.deals.get(validate(ofDeal, call.params, behaviour).id)
  if (!deal || !isRetained(deal, call) || !canSee(deal, call)) throw notFound('Deal')
  if (deal.is_deleted) throw unchangeable(behaviour.changeDeletedRecord, 'isDeleted', 'Deal', behaviour)
  if (deal.is_archived) throw unchangeable(behaviour.changeArchivedDeal, 'isArchived', 'Deal', behaviour)
  return deal
}

type Child = Row & { deal_id: number }

/** A Parent for rows below one deal, found by the deal's id. */
export const belowDeal = <R extends Child>(rows: (dealId: number, caller: Caller) => Iterable<R>): Parent<R, DealRow> => ({
  read: (call) => [readDeal(call)],
  beforeCursor: true,
  write: dealForWrite,
  rows: ({ id }, caller) => rows(id, caller),
  has: (deal, row) => row.deal_id === deal.id,
})

/** The same for the deals that a query names. */
export const belowDeals = <R extends Child>(rows: (dealId: number, caller: Caller) => Iterable<R>): Parent<R, DealRow> => ({
  ...belowDeal(rows),
  parameters: { deal_ids: query.ids() },
  read: (call, { deal_ids }) => readDeals(deal_ids as number[], call),
})
