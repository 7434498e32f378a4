import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { type Caller, isRetained, newRow } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import { fieldOf } from '../state/fields.ts'
import { withOwner } from '../state/followers.ts'
import type { LeadRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import { canSee, leadOf, visibilityOptions } from '../state/visibility.ts'
import { isDate } from '../time.ts'
import { referenceProblem } from './references.ts'
import type { Resource } from './resource.ts'
import type { Call } from './route.ts'
import { v1Refusal, v1Type } from './v1.ts'
import { leadView } from './views/lead-views.ts'

const money = z.strictObject({ amount: z.number(), currency: z.string() })
const leadFields = z.looseObject({
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
type LeadBody = z.output<typeof leadFields>
const knownFields = Object.keys(leadFields.shape)

const sortable = ['id', 'title', 'owner_id', 'creator_id', 'was_seen', 'expected_close_date', 'next_activity_id', 'add_time', 'update_time']

/** The lead that a path names, if the caller may see it. */
export function leadIn(call: Call): LeadRow | undefined {
  const lead = leadOf(call.company, call.params['id'] ?? '')
  return lead && !lead.is_deleted && isRetained(lead, call) && canSee(lead, call) ? lead : undefined
}

/** Leads have the custom fields of deals, and their subfields, at the top level. */
function customValues(input: LeadBody, { company }: Caller): Record<string, unknown> {
  const others = Object.keys(input).filter((name) => !knownFields.includes(name))
  const custom = others.filter((name) => fieldOf(company, 'deal', name.slice(0, 40))?.is_custom && /^[0-9a-f]{40}(_[a-z_]+)?$/.test(name))
  const [unknown] = others.filter((name) => !custom.includes(name))
  if (unknown !== undefined) throw v1Refusal(400, `"${unknown}" is not allowed`)
  return Object.fromEntries(custom.map((name) => [name, input[name]]))
}

function check(input: LeadBody, caller: Caller): void {
  const { company, behaviour } = caller
  const problems = [
    ...referenceProblem('owner_id', 'User', input.owner_id, caller),
    ...referenceProblem('person_id', 'Person', input.person_id, caller),
    ...referenceProblem('organization_id', 'Organization', input.organization_id, caller),
  ]
  if (input.title !== undefined && input.title.trim() === '') problems.push({ field: 'title', text: wording(behaviour, 'empty') })
  if (input.label_ids?.some((id) => ![...company.leadLabels.where('uuid', id)].some((label) => !label.is_deleted)))
    problems.push({ field: 'label_ids', text: wording(behaviour, 'unknownLabel') })
  const currency = input.value?.currency
  if (currency !== undefined && !company.currencies.some(({ code, active_flag }) => active_flag && code === currency))
    problems.push({ field: 'value.currency', text: wording(behaviour, 'badCurrency') })
  if (problems.length > 0) throw v1Refusal(400, problems.map(({ field, text }) => `${field}: ${text}`).join('; '))
  if (input.visible_to !== undefined && !visibilityOptions(caller).includes(Number(input.visible_to)))
    throw v1Refusal(403, wording(behaviour, 'visibilityNotOffered'))
}

/** A lead always has a person, an organization, or both. */
function checkContact(lead: Pick<LeadRow, 'person_id' | 'organization_id'>, { behaviour }: Caller): void {
  if (lead.person_id === null && lead.organization_id === null) throw v1Refusal(400, wording(behaviour, 'leadNeedsContact'))
}

/** Fields that a PATCH sets unchanged. */
const plain = [
  ...(['title', 'owner_id', 'label_ids', 'person_id', 'organization_id', 'is_archived', 'value'] as const),
  ...(['expected_close_date', 'was_seen', 'channel', 'channel_id'] as const),
]

function createLead(input: LeadBody, caller: Caller): Omit<LeadRow, 'id'> {
  const { company, user, behaviour } = caller
  const custom_fields = customValues(input, caller)
  if (input.title === undefined) throw v1Refusal(400, `title: ${wording(behaviour, 'required')}`)
  check(input, caller)
  const contact = { person_id: input.person_id ?? null, organization_id: input.organization_id ?? null }
  checkContact(contact, caller)
  const owner_id = input.owner_id ?? user.id
  return {
    ...newRow(caller),
    uuid: uuidOf('lead', company.id, company.leads.lastId + 1),
    title: input.title,
    owner_id,
    creator_id: user.id,
    followers: withOwner([], owner_id, caller),
    visible_to: input.visible_to === undefined ? widestVisibility(company) : Number(input.visible_to),
    label_ids: input.label_ids ?? [],
    ...contact,
    source_name: 'API',
    origin: 'API',
    origin_id: input.origin_id ?? null,
    channel: input.channel ?? null,
    channel_id: input.channel_id ?? null,
    source_deal_id: null,
    is_archived: input.is_archived ?? false,
    was_seen: input.was_seen ?? false,
    value: input.value ?? null,
    expected_close_date: input.expected_close_date ?? null,
    custom_fields,
  }
}

function changeLead(lead: LeadRow, input: LeadBody, caller: Caller): Partial<LeadRow> {
  const custom = customValues(input, caller)
  check(input, caller)
  const changes: Partial<LeadRow> = {
    ...Object.fromEntries(plain.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])),
    ...(input.visible_to !== undefined && { visible_to: Number(input.visible_to) }),
    ...(input.owner_id !== undefined && { followers: withOwner(lead.followers, input.owner_id, caller) }),
    custom_fields: Object.fromEntries(Object.entries({ ...lead.custom_fields, ...custom }).filter(([, value]) => value !== null)),
  }
  checkContact({ ...lead, ...changes }, caller)
  return changes
}

const isListed = (archived: boolean) => (lead: LeadRow) => lead.is_archived === archived && !lead.is_deleted

export const leads: Resource<LeadRow, typeof leadFields> = {
  path: 'leads',
  api: 'v1',
  singular: 'Lead',
  prices: { list: 20, get: 2, create: 10, update: 10, delete: 6 },
  table: (company) => company.leads,
  uuid: ({ uuid }) => uuid,
  listing: {
    filters: { owner_id: v1Type.whole(), person_id: v1Type.whole(), organization_id: v1Type.whole() },
    timeFilters: true,
    sorts: sortable,
    order: 'add_time',
    includes: isListed(false),
  },
  canSee,
  isServed: (lead) => !lead.is_deleted,
  view: leadView,
  payload: { object: 'lead' },
  missing: { error: 'requested lead not found', info: 'Object was not found.' },
  writing: {
    fields: leadFields,
    required: [],
    createdStatus: 201,
    references: {},
    create: createLead,
    change: changeLead,
    alwaysTouches: true,
    deletedIsMissing: true,
  },
}

/** The archived leads, which the list of leads never contains. */
export const archivedLeads: typeof leads = {
  ...leads,
  path: 'leads/archived',
  prices: { list: 40 },
  listing: { ...leads.listing, includes: isListed(true) },
}
