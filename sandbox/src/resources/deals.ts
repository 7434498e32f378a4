import * as z from 'zod'
import { failure, Refusal, unchangeable, validationFailed, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import { withOwner } from '../state/followers.ts'
import type { DealRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { closingOf, type DealBody, dealProblems, offersVisibility, open, placeOf } from './deal-rules.ts'
import { dealIncludes } from './includes.ts'
import type { Resource } from './resource.ts'
import { dealView } from './views/deal-view.ts'

const fields = z.object({
  title: body.name(),
  owner_id: body.whole(),
  // An assumption: null ends a link, as in API v1.
  person_id: body.whole().nullable(),
  org_id: body.whole().nullable(),
  pipeline_id: body.whole(),
  stage_id: body.whole(),
  value: body.amount(),
  currency: body.text(),
  is_archived: body.flag(),
  archive_time: body.moment(),
  status: body.oneOf(['open', 'won', 'lost']),
  probability: body.between(0, 100).nullable(),
  lost_reason: body.text().nullable(),
  visible_to: body.whole(),
  close_time: body.moment().nullable(),
  won_time: body.moment(),
  lost_time: body.moment(),
  // Pipedrive was observed to store an empty date as 0000-00-00 instead of refusing it.
  expected_close_date: body.date('0000-00-00'),
  label_ids: z.array(body.whole()),
  custom_fields: z.record(z.string(), z.unknown()),
})

function checkRules(input: DealBody, status: DealRow['status'], caller: Caller): void {
  const problems = dealProblems(input, status, caller)
  if (problems.length > 0) throw validationFailed(problems)
  if (!offersVisibility(input.visible_to, caller)) throw new Refusal(failure(403, wording(caller.behaviour, 'visibilityNotOffered')))
}

function createDeal(input: DealBody, caller: Caller): Omit<DealRow, 'id'> {
  const { user, time } = caller
  checkRules(input, input.status ?? 'open', caller)
  const owner_id = input.owner_id ?? user.id
  return {
    ...newRow(caller),
    title: input.title!,
    creator_user_id: user.id,
    owner_id,
    value: input.value ?? 0,
    currency: input.currency ?? user.default_currency,
    person_id: input.person_id ?? null,
    org_id: input.org_id ?? null,
    ...placeOf(input, undefined, caller),
    ...closingOf(input, open, time),
    probability: input.probability ?? null,
    stage_change_time: null,
    visible_to: input.visible_to ?? widestVisibility(caller.company),
    expected_close_date: input.expected_close_date ?? null,
    label_ids: input.label_ids ?? [],
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    is_archived: input.is_archived ?? false,
    archive_time: input.is_archived ? (input.archive_time ?? time) : null,
    custom_fields: input.custom_fields ?? {},
    followers: withOwner([], owner_id, caller),
    files_count: 0,
    email_messages_count: 0,
  }
}

/** Fields that a PATCH sets unchanged; the others follow rules. */
const plain = [
  'title',
  'owner_id',
  'person_id',
  'org_id',
  'value',
  'currency',
  'probability',
  'visible_to',
  'expected_close_date',
  'label_ids',
] as const

function changeDeal(deal: DealRow, input: DealBody, caller: Caller): Partial<DealRow> {
  if (deal.is_archived && input.is_archived !== false)
    throw unchangeable(caller.behaviour.changeArchivedDeal, 'isArchived', 'Deal', caller.behaviour)
  checkRules(input, input.status ?? deal.status, caller)
  const { time } = caller
  const stagePlace = placeOf(input, deal, caller)
  const changes: Partial<DealRow> = {
    ...Object.fromEntries(plain.filter((field) => input[field] !== undefined).map((field) => [field, input[field]])),
    stage_id: stagePlace.stage_id,
    pipeline_id: stagePlace.pipeline_id,
    ...closingOf(input, deal, time),
    ...(stagePlace.stage_id !== deal.stage_id && { stage_change_time: time }),
    ...(input.custom_fields && { custom_fields: { ...deal.custom_fields, ...input.custom_fields } }),
    ...(input.is_archived !== undefined && {
      is_archived: input.is_archived,
      archive_time: input.is_archived ? (input.archive_time ?? deal.archive_time ?? time) : null,
    }),
  }
  if (input.owner_id !== undefined) changes.followers = withOwner(deal.followers, input.owner_id, caller)
  return changes
}

/** Without `status` all but deleted deals; `deleted` adds those of the last 30 days. */
function hasStatus(deal: DealRow, parameters: Record<string, unknown>): boolean {
  const status = parameters['status'] as string[] | undefined
  return status ? status.includes(deal.is_deleted ? 'deleted' : deal.status) : !deal.is_deleted
}

export const deals: Resource<DealRow, typeof fields> = {
  path: 'deals',
  singular: 'Deal',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.deals,
  listing: {
    filters: {
      owner_id: query.whole(),
      person_id: query.whole(),
      org_id: query.whole(),
      pipeline_id: query.whole(),
      stage_id: query.whole(),
    },
    otherParameters: { status: query.someOf(['open', 'won', 'lost', 'deleted']) },
    sortBy: ['id', 'update_time', 'add_time'],
    timeFilters: true,
    includes: (deal, parameters) => !deal.is_archived && hasStatus(deal, parameters),
  },
  canSee,
  isServed: (deal, { behaviour }) =>
    (!deal.is_deleted || behaviour.getDeletedDeal === 'served') && (!deal.is_archived || behaviour.getArchivedDeal === 'served'),
  view: dealView,
  payload: { object: 'deal', omittedFromPrevious: ['update_time'] },
  includes: dealIncludes,
  entity: 'deal',
  writing: {
    fields,
    required: ['title'],
    references: { owner_id: 'User', person_id: 'Person', org_id: 'Organization', pipeline_id: 'Pipeline', stage_id: 'Stage' },
    create: createDeal,
    change: changeDeal,
    beforeDelete(deal, { behaviour }) {
      const status = behaviour.deleteArchivedDeal
      if (deal.is_archived && status !== 200) throw unchangeable(status, 'isArchived', 'Deal', behaviour)
    },
  },
}

/** The archived deals, which the list of deals never contains. */
export const archivedDeals: Resource<DealRow> = {
  ...deals,
  path: 'deals/archived',
  prices: { list: 20 },
  listing: {
    ...deals.listing,
    optionLabels: false,
    includes: (deal, parameters) => deal.is_archived && hasStatus(deal, parameters),
  },
  writing: undefined,
}
