import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { type Caller, isKept, isReadable, newRow, removal } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import { fieldOf } from '../state/fields.ts'
import { withOwner } from '../state/followers.ts'
import type { LeadRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import { canSee, leadOf, visibilityOptions } from '../state/visibility.ts'
import { isDate } from '../time.ts'
import { referenceProblem } from './references.ts'
import type { Call, Route } from './route.ts'
import { readV1, readV1Body, v1, v1Answer, v1Page, v1Refusal, v1Sorted, v1Type } from './v1.ts'

const money = z.strictObject({ amount: z.number(), currency: z.string() })
const change = z.looseObject({
  title: z.string().optional(),
  owner_id: v1Type.whole().optional(),
  label_ids: z.array(z.string()).optional(),
  person_id: v1Type.whole().nullish(),
  organization_id: v1Type.whole().nullish(),
  is_archived: z.boolean().optional(),
  value: money.nullish(),
  expected_close_date: z.string().refine(isDate, 'notADate').nullish(),
  visible_to: z.enum(['1', '3', '5', '7']).optional(),
  was_seen: z.boolean().optional(),
  origin_id: z.string().nullish(),
  channel: v1Type.whole().nullish(),
  channel_id: z.string().nullish(),
})
type Change = z.output<typeof change>
const known = Object.keys(change.shape)

const listing = z.object({
  owner_id: v1Type.whole().optional(),
  person_id: v1Type.whole().optional(),
  organization_id: v1Type.whole().optional(),
  filter_id: z.unknown().optional(),
  updated_since: v1Type.moment().optional(),
  sort: z.string().optional(),
})
const sortable = ['id', 'title', 'owner_id', 'creator_id', 'was_seen', 'expected_close_date', 'next_activity_id', 'add_time', 'update_time']

/** Leads tell thousandths of a second; the clock of the sandbox has none. */
const withMs = (time: string): string => time.replace(/Z$/, '.000Z')

function nextActivity({ uuid }: LeadRow, { company, ...caller }: Caller): number | null {
  const due = [...company.activities.where('lead_id', uuid)]
    .filter((activity) => !activity.is_deleted && !activity.done && isReadable(activity, { ...caller, company }))
    .map(({ id, due_date, due_time }) => ({ id, at: `${due_date ?? '9999'} ${due_time ?? ''}` }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id))
  return due[0]?.id ?? null
}

export function showLead(lead: LeadRow, caller: Caller): Record<string, unknown> {
  const { company } = caller
  return {
    id: lead.uuid,
    title: lead.title,
    owner_id: lead.owner_id,
    creator_id: lead.creator_id,
    label_ids: lead.label_ids,
    value: lead.value,
    expected_close_date: lead.expected_close_date,
    person_id: lead.person_id,
    organization_id: lead.organization_id,
    is_archived: lead.is_archived,
    source_name: lead.source_name,
    source_deal_id: lead.source_deal_id,
    origin: lead.origin,
    origin_id: lead.origin_id,
    channel: lead.channel,
    channel_id: lead.channel_id,
    was_seen: lead.was_seen,
    next_activity_id: nextActivity(lead, caller),
    add_time: withMs(lead.add_time),
    update_time: withMs(lead.update_time ?? lead.add_time),
    visible_to: String(lead.visible_to),
    cc_email: `${company.domain}+${company.id}+lead${lead.uuid.replaceAll('-', '').slice(0, 22)}@pipedrivemail.com`,
    // Only those with a value, at the top level as in deals of v1.
    ...lead.custom_fields,
  }
}

const missing = () => v1Refusal(404, 'requested lead not found', 'Object was not found.')

/** The lead that a path names, when the caller may know of it. */
export function leadIn(call: Call): LeadRow | undefined {
  const lead = leadOf(call.company, call.params['id'] ?? '')
  return lead && !lead.is_deleted && isKept(lead, call) && canSee(lead, call) ? lead : undefined
}

/** Leads have no fields of their own: they take the custom fields of deals, and the parts of those, at the top level. */
function customValues(given: Change, { company }: Caller): Record<string, unknown> {
  const others = Object.keys(given).filter((name) => !known.includes(name))
  const custom = others.filter((name) => fieldOf(company, 'deal', name.slice(0, 40))?.is_custom && /^[0-9a-f]{40}(_[a-z_]+)?$/.test(name))
  const [stranger] = others.filter((name) => !custom.includes(name))
  if (stranger !== undefined) throw v1Refusal(400, `"${stranger}" is not allowed`)
  return Object.fromEntries(custom.map((name) => [name, given[name]]))
}

function check(given: Change, caller: Caller): void {
  const { company, behaviour } = caller
  const problems = [
    ...referenceProblem('owner_id', 'User', given.owner_id, caller),
    ...referenceProblem('person_id', 'Person', given.person_id, caller),
    ...referenceProblem('organization_id', 'Organization', given.organization_id, caller),
  ]
  if (given.title !== undefined && given.title.trim() === '') problems.push({ field: 'title', text: wording(behaviour, 'empty') })
  if (given.label_ids?.some((id) => ![...company.leadLabels.where('uuid', id)].some((label) => !label.is_deleted)))
    problems.push({ field: 'label_ids', text: wording(behaviour, 'unknownLabel') })
  const currency = given.value?.currency
  if (currency !== undefined && !company.currencies.some(({ code, active_flag }) => active_flag && code === currency))
    problems.push({ field: 'value.currency', text: wording(behaviour, 'badCurrency') })
  if (problems.length > 0) throw v1Refusal(400, problems.map(({ field, text }) => `${field}: ${text}`).join('; '))
  if (given.visible_to !== undefined && !visibilityOptions(caller).includes(Number(given.visible_to)))
    throw v1Refusal(403, wording(behaviour, 'visibilityNotOffered'))
}

/** A lead always belongs to somebody: to a person, an organization, or both. */
function checkContact(lead: Pick<LeadRow, 'person_id' | 'organization_id'>, { behaviour }: Caller): void {
  if (lead.person_id === null && lead.organization_id === null) throw v1Refusal(400, wording(behaviour, 'leadNeedsContact'))
}

function create(call: Call) {
  const { company, user, behaviour } = call
  const given = readV1Body(change, call)
  const custom_fields = customValues(given, call)
  if (given.title === undefined) throw v1Refusal(400, `title: ${wording(behaviour, 'required')}`)
  check(given, call)
  const contact = { person_id: given.person_id ?? null, organization_id: given.organization_id ?? null }
  checkContact(contact, call)
  const owner_id = given.owner_id ?? user.id
  const lead = company.leads.insert({
    ...newRow(call),
    uuid: uuidOf('lead', company.id, company.leads.lastId + 1),
    title: given.title,
    owner_id,
    creator_id: user.id,
    followers: withOwner([], owner_id, call),
    visible_to: given.visible_to === undefined ? widestVisibility(company) : Number(given.visible_to),
    label_ids: given.label_ids ?? [],
    ...contact,
    source_name: 'API',
    origin: 'API',
    origin_id: given.origin_id ?? null,
    channel: given.channel ?? null,
    channel_id: given.channel_id ?? null,
    source_deal_id: null,
    is_archived: given.is_archived ?? false,
    was_seen: given.was_seen ?? false,
    value: given.value ?? null,
    expected_close_date: given.expected_close_date ?? null,
    custom_fields,
  })
  return v1Answer(showLead(lead, call), {}, 201)
}

/** Fields that a PATCH sets as they are. */
const plain = [
  ...(['title', 'owner_id', 'label_ids', 'person_id', 'organization_id', 'is_archived', 'value'] as const),
  ...(['expected_close_date', 'was_seen', 'channel', 'channel_id'] as const),
]

function update(call: Call) {
  const lead = leadIn(call)
  if (!lead) throw missing()
  const given = readV1Body(change, call)
  const custom = customValues(given, call)
  check(given, call)
  const changes: Partial<LeadRow> = {
    ...Object.fromEntries(plain.filter((name) => given[name] !== undefined).map((name) => [name, given[name]])),
    ...(given.visible_to !== undefined && { visible_to: Number(given.visible_to) }),
    ...(given.owner_id !== undefined && { followers: withOwner(lead.followers, given.owner_id, call) }),
    custom_fields: Object.fromEntries(Object.entries({ ...lead.custom_fields, ...custom }).filter(([, value]) => value !== null)),
  }
  checkContact({ ...lead, ...changes }, call)
  call.company.leads.change(lead, { ...changes, update_time: call.time })
  return v1Answer(showLead(lead, call))
}

function remove(call: Call) {
  const lead = leadIn(call)
  if (!lead) throw missing()
  call.company.leads.change(lead, removal(call))
  return v1Answer({ id: lead.uuid })
}

function get(call: Call) {
  const lead = leadIn(call)
  if (!lead || !isReadable(lead, call)) throw missing()
  return v1Answer(showLead(lead, call))
}

const list =
  (archived: boolean): Route['handle'] =>
  (call) => {
    const { sort, updated_since, filter_id, ...equals } = readV1(listing, call.query, call)
    if (filter_id !== undefined) throw v1Refusal(501, 'The sandbox has no filters: leave filter_id out.')
    const wanted = Object.entries(equals).filter(([, value]) => value !== undefined)
    const kept = [...call.company.leads.walk('add_time')].filter(
      (lead) =>
        lead.is_archived === archived &&
        !lead.is_deleted &&
        isReadable(lead, call) &&
        wanted.every(([name, value]) => lead[name as keyof LeadRow] === value) &&
        (updated_since === undefined || (lead.update_time ?? lead.add_time) >= updated_since) &&
        canSee(lead, call),
    )
    const shown = kept.map((lead) => showLead(lead, call))
    const { items, pagination } = v1Page(v1Sorted(shown, sort, sortable), call)
    return v1Answer(items, { additional_data: { pagination } })
  }

export const leadRoutes: readonly Route[] = [
  ...v1('GET', '/leads', 20, list(false)),
  ...v1('POST', '/leads', 10, create),
  ...v1('GET', '/leads/archived', 40, list(true)),
  ...v1('GET', '/leads/:id', 2, get),
  ...v1('PATCH', '/leads/:id', 10, update),
  ...v1('DELETE', '/leads/:id', 6, remove),
]
