import * as z from 'zod'
import type { Behaviour } from '../behaviour.ts'
import { json, Refusal, validationFailed } from '../http/answer.ts'
import { body, query, readJson, validate } from '../http/validation.ts'
import { type Caller, isRetained, newRow, removal } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import { withOwner } from '../state/followers.ts'
import type { ConversionRow, DealRow, LeadRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import { canSee, leadOf } from '../state/visibility.ts'
import { rfc3339, wholeSeconds } from '../time.ts'
import type { Timeline } from '../timeline.ts'
import { deals } from './deals.ts'
import { leadIn } from './leads.ts'
import { referenceProblem } from './references.ts'
import type { Call, Route } from './route.ts'

const intoDeal = z.strictObject({ stage_id: body.whole().optional(), pipeline_id: body.whole().optional() })
const nothing = z.strictObject({})
const paths = z.object({ id: query.whole() })

const missing = () =>
  new Refusal(
    json(404, { success: false, error: 'Entity was not found', error_info: 'Object was not found.', data: null, additional_data: null }),
  )
const answer = (data: Record<string, unknown>) => json(200, { success: true, data, additional_data: null })

/** Moves notes and activities from the lead to the deal, or back. */
function moveRelated({ company }: Caller, from: Partial<ConversionLinks>, to: ConversionLinks): void {
  const [column, id] = from.lead_id ? (['lead_id', from.lead_id] as const) : (['deal_id', from.deal_id] as const)
  for (const note of company.notes.where(column, id)) company.notes.change(note, to)
  for (const activity of company.activities.where(column, id)) company.activities.change(activity, to)
}
interface ConversionLinks {
  deal_id: number | null
  lead_id: string | null
}

function dealFrom(lead: LeadRow, { stage_id, pipeline_id }: ConversionRow, caller: Caller): DealRow {
  const { company } = caller
  const dealInput = {
    title: lead.title,
    owner_id: lead.owner_id,
    visible_to: lead.visible_to,
    ...(lead.person_id !== null && { person_id: lead.person_id }),
    ...(lead.organization_id !== null && { org_id: lead.organization_id }),
    ...(lead.value && { value: lead.value.amount, currency: lead.value.currency }),
    ...(lead.expected_close_date !== null && { expected_close_date: lead.expected_close_date }),
    ...(stage_id !== null && { stage_id }),
    ...(pipeline_id !== null && { pipeline_id }),
  }
  const { origin, origin_id, channel, channel_id, uuid } = lead
  const values = deals.writing!.create(dealInput as Parameters<NonNullable<typeof deals.writing>['create']>[0], caller, undefined)
  const deal = company.deals.insert({ ...values, origin, origin_id, channel, channel_id, source_lead_id: uuid })
  moveRelated(caller, { lead_id: uuid }, { deal_id: deal.id, lead_id: null })
  company.leads.change(lead, removal(caller))
  return deal
}

function leadFrom(deal: DealRow, caller: Caller): LeadRow {
  const { company, user } = caller
  const lead = company.leads.insert({
    ...newRow(caller),
    uuid: uuidOf('lead', company.id, company.leads.lastId + 1),
    title: deal.title,
    owner_id: deal.owner_id,
    creator_id: user.id,
    followers: withOwner([], deal.owner_id, caller),
    visible_to: deal.visible_to,
    label_ids: [],
    person_id: deal.person_id,
    organization_id: deal.org_id,
    source_name: 'Deal',
    origin: deal.origin,
    origin_id: deal.origin_id,
    channel: deal.channel,
    channel_id: deal.channel_id,
    source_deal_id: deal.id,
    is_archived: false,
    was_seen: true,
    value: { amount: deal.value, currency: deal.currency },
    expected_close_date: deal.expected_close_date,
    custom_fields: {},
  })
  moveRelated(caller, { deal_id: deal.id }, { deal_id: null, lead_id: lead.uuid })
  company.deals.change(deal, removal(caller))
  return lead
}

/** A lead needs a contact: a deal without person and organization cannot become one. */
const canBecomeLead = (deal: DealRow): boolean => deal.person_id !== null || deal.org_id !== null

function convert(conversion: ConversionRow, caller: Caller): Partial<ConversionRow> {
  const { company } = caller
  try {
    if (conversion.from === 'lead') {
      const lead = leadOf(company, conversion.lead_id!)
      return lead && !lead.is_deleted ? { status: 'completed', deal_id: dealFrom(lead, conversion, caller).id } : { status: 'failed' }
    }
    const deal = company.deals.get(conversion.deal_id!)
    if (!deal || deal.is_deleted) return { status: 'failed' }
    return canBecomeLead(deal) ? { status: 'completed', lead_id: leadFrom(deal, caller).uuid } : { status: 'rejected' }
  } catch (error) {
    if (error instanceof Refusal) return { status: 'failed' }
    throw error
  }
}

const isOver = ({ status }: ConversionRow): boolean => status !== 'not_started' && status !== 'running'

function finish(conversion: ConversionRow, caller: Caller): void {
  if (isOver(conversion)) return
  caller.company.conversions.change(conversion, { ...convert(conversion, caller), update_time: caller.time })
}

/** Schedules conversions again that were in progress when the sandbox stopped. */
export function resumeConversions(company: Company, clock: Timeline, behaviour: Readonly<Behaviour>): void {
  for (const conversion of company.conversions.walk()) {
    const user = company.users.get(conversion.user_id)
    if (isOver(conversion) || !user) continue
    clock.at(Date.parse(conversion.add_time) + behaviour.conversionSeconds * 1000, () => {
      const now = wholeSeconds(clock.now())
      finish(conversion, { company, user, key: '', now, time: rfc3339(now), behaviour, lateSeconds: 0 })
    })
  }
}

function start(call: Call, values: Pick<ConversionRow, 'from' | 'deal_id' | 'lead_id'> & Partial<ConversionRow>) {
  const { company, behaviour, user } = call
  const seconds = behaviour.conversionSeconds
  const conversion = company.conversions.insert({
    ...newRow(call),
    stage_id: null,
    pipeline_id: null,
    ...values,
    uuid: uuidOf('conversion', company.id, company.conversions.lastId + 1),
    status: 'not_started',
    user_id: user.id,
  })
  call.runLater(seconds / 2, () => {
    if (!isOver(conversion)) company.conversions.change(conversion, { status: 'running' })
  })
  call.runLater(seconds, (caller) => finish(conversion, caller))
  return answer({ conversion_id: conversion.uuid })
}

function dealIn(call: Call): DealRow | undefined {
  const deal = call.company.deals.get(validate(paths, call.params, call.behaviour).id)
  return deal && !deal.is_deleted && isRetained(deal, call) && canSee(deal, call) ? deal : undefined
}

function toDeal(call: Call) {
  validate(nothing, call.query, call.behaviour)
  const lead = leadIn(call)
  if (!lead) throw missing()
  const { stage_id, pipeline_id } = call.body === '' ? {} : validate(intoDeal, readJson(call.body, call.behaviour), call.behaviour)
  const problems = [
    ...referenceProblem('stage_id', 'Stage', stage_id, call),
    ...referenceProblem('pipeline_id', 'Pipeline', pipeline_id, call),
  ]
  if (problems.length > 0) throw validationFailed(problems)
  return start(call, {
    from: 'lead',
    lead_id: lead.uuid,
    deal_id: null,
    stage_id: stage_id ?? null,
    pipeline_id: pipeline_id ?? null,
  })
}

function toLead(call: Call) {
  validate(nothing, call.query, call.behaviour)
  const deal = dealIn(call)
  if (!deal) throw missing()
  return start(call, { from: 'deal', deal_id: deal.id, lead_id: null })
}

const status =
  (from: ConversionRow['from']): Route['handle'] =>
  (call) => {
    validate(nothing, call.query, call.behaviour)
    const [conversion] = call.company.conversions.where('uuid', call.params['conversion_id'])
    const source = from === 'deal' ? conversion?.deal_id : conversion?.lead_id
    if (!conversion || conversion.from !== from || String(source) !== call.params['id']) throw missing()
    const result = from === 'deal' ? { lead_id: conversion.lead_id } : { deal_id: conversion.deal_id }
    return answer({
      ...(conversion.status === 'completed' && result),
      conversion_id: conversion.uuid,
      status: conversion.status,
    })
  }

export const conversionRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v2/deals/:id/convert/lead', tokens: 40, handle: toLead },
  { method: 'GET', path: '/api/v2/deals/:id/convert/status/:conversion_id', tokens: 1, handle: status('deal') },
  { method: 'POST', path: '/api/v2/leads/:id/convert/deal', tokens: 40, handle: toDeal },
  { method: 'GET', path: '/api/v2/leads/:id/convert/status/:conversion_id', tokens: 1, handle: status('lead') },
]
