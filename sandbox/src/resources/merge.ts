import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { type Caller, isRetained, newRow, removal } from '../state/caller.ts'
import { withOwner } from '../state/followers.ts'
import { type Combine, combineDeals, combineOrganizations, combinePersons } from '../state/combine-records.ts'
import type { Owned } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { deals } from './deals.ts'
import { organizations } from './organizations.ts'
import { persons } from './persons.ts'
import type { Resource } from './resource.ts'
import type { Call, Route } from './route.ts'
import { readV1Body, v1, v1Answer, v1Refusal, v1Type } from './v1.ts'
import { personView } from './views/contact-views.ts'
import { dealView } from './views/deal-view.ts'
import type { Shape } from './views/record-view.ts'

const merging = z.object({ merge_with_id: v1Type.whole() })

/** A Mergeable is a kind of record that can be merged. */
type Mergeable<R extends Owned> = Pick<Resource<R>, 'path' | 'singular' | 'table'>
/** How the answer to a merge shows a record. */
type Show<R> = (row: R, caller: Caller) => Shape

function find<R extends Owned>({ table, singular }: Mergeable<R>, id: number, call: Call): R {
  const row = table(call.company).get(id)
  if (!row || row.is_deleted || !isRetained(row, call) || !canSee(row, call)) throw v1Refusal(404, `${singular} not found`)
  return row
}

/** Merges the record in the path into the one in the body, and deletes it. Observers see both ids in `origin.merge`. */
function merge<R extends Owned>(kind: Mergeable<R>, combine: Combine<R>, show: Show<R>): Route['handle'] {
  return (call) => {
    const { origin, behaviour, company, now, time, user } = call
    const { merge_with_id } = readV1Body(merging, call)
    const from = find(kind, Number(call.params['id']), call)
    const to = find(kind, merge_with_id, call)
    if (from === to) throw v1Refusal(400, wording(behaviour, 'mergeWithItself', kind.singular))
    const table = kind.table(company)
    origin.merge = { table: kind.path, from: from.id, to: to.id }
    try {
      const changes = combine(to, from, company, user.id, now)
      table.change(from, removal(call) as Partial<R>)
      table.change(to, { ...changes, update_time: time })
    } finally {
      delete origin.merge
    }
    return v1Answer({ ...show(to, call), merge_what_id: from.id })
  }
}

/** Duplicates a deal with its products, without its history. */
const duplicate: Route['handle'] = (call) => {
  const { company, user } = call
  const deal = find(deals, Number(call.params['id']), call)
  const copy = company.deals.insert({
    ...deal,
    id: undefined,
    ...newRow(call),
    creator_user_id: user.id,
    followers: withOwner([], deal.owner_id, call),
    stage_change_time: null,
    label_ids: [...deal.label_ids],
    custom_fields: structuredClone(deal.custom_fields),
    origin: 'API',
    origin_id: null,
    source_lead_id: undefined,
    files_count: 0,
    email_messages_count: 0,
  })
  for (const product of company.dealProducts.where('deal_id', deal.id))
    if (!product.is_deleted) company.dealProducts.insert({ ...product, ...newRow(call), id: undefined, deal_id: copy.id })
  return v1Answer(dealView.v1(copy, call))
}

const mergeRoutesOf = <R extends Owned>(kind: Mergeable<R>, combine: Combine<R>, show: Show<R>): Route[] =>
  v1('PUT', `/${kind.path}/:id/merge`, 40, merge(kind, combine, show))

export const mergeRoutes: readonly Route[] = [
  ...mergeRoutesOf(deals, combineDeals, dealView.v1),
  ...mergeRoutesOf(persons, combinePersons, personView.v1),
  ...mergeRoutesOf(organizations, combineOrganizations, ({ id }) => ({ id })),
  ...v1('POST', '/deals/:id/duplicate', 10, duplicate),
]
