import * as z from 'zod'
import { type Problem, validationFailed, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import type { ActivityRow, Participant } from '../state/records.ts'
import { canSeeActivity } from '../state/visibility.ts'
import { localDate } from '../time.ts'
import { address } from './contact-rules.ts'
import { referenceProblem } from './references.ts'
import type { Resource } from './resource.ts'
import { activityView } from './views/activity-view.ts'

const fields = z.object({
  subject: body.text(),
  type: body.text(),
  owner_id: body.whole(),
  deal_id: body.whole(),
  lead_id: z.guid(),
  person_id: body.whole(),
  org_id: body.whole(),
  project_id: body.whole(),
  due_date: body.date(),
  due_time: body.clockTime(),
  duration: body.duration(),
  busy: body.flag(),
  done: body.flag(),
  location: address,
  participants: z.array(z.strictObject({ person_id: body.whole(), primary: body.flag().optional() })),
  attendees: z.array(
    z.strictObject({
      email: body.text(),
      name: body.text().optional(),
      status: body.text().optional(),
      is_organizer: body.flag().optional(),
      person_id: body.whole().nullable().optional(),
      user_id: body.whole().nullable().optional(),
    }),
  ),
  public_description: body.text(),
  priority: body.whole(),
  note: body.text(),
})
type ActivityBody = Partial<z.output<typeof fields>>

function check(input: ActivityBody, caller: Caller): void {
  const { company, behaviour } = caller
  const problems: Problem[] = (input.participants ?? []).flatMap(({ person_id }) =>
    referenceProblem('participants', 'Person', person_id, caller),
  )
  if (input.person_id !== undefined) problems.push({ field: 'person_id', text: "Parameter 'person_id' is not allowed for this request" })
  if (input.type !== undefined && !company.activityTypes.some(({ key_string, active_flag }) => active_flag && key_string === input.type))
    problems.push({ field: 'type', text: wording(behaviour, 'unknownActivityType') })
  if (problems.length > 0) throw validationFailed(problems)
}

/** The participants, and person_id, which mirrors the primary one. */
function people(input: ActivityBody): Partial<Pick<ActivityRow, 'participants' | 'person_id'>> {
  if (!input.participants) return {}
  const chosenIndex = input.participants.findIndex((participant) => participant.primary)
  const primaryAt = Math.max(chosenIndex, 0)
  const participants: Participant[] = input.participants.map(({ person_id }, at) => ({ person_id, primary: at === primaryAt }))
  return { participants, person_id: participants[primaryAt]?.person_id ?? null }
}

/** An activity belongs to a deal, a lead or a project; the first given one applies. */
function about({ deal_id, lead_id, project_id }: ActivityBody): Partial<Pick<ActivityRow, 'deal_id' | 'lead_id' | 'project_id'>> {
  const nothing = { deal_id: null, lead_id: null, project_id: null }
  if (deal_id !== undefined) return { ...nothing, deal_id }
  if (lead_id !== undefined) return { ...nothing, lead_id }
  return project_id === undefined ? {} : { ...nothing, project_id }
}

function createActivity(input: ActivityBody, caller: Caller): Omit<ActivityRow, 'id'> {
  check(input, caller)
  const { company, user, time } = caller
  const type = company.activityTypes.find(({ key_string, active_flag }) => active_flag && key_string === (input.type ?? key_string))!
  const done = input.done ?? false
  return {
    ...newRow(caller),
    subject: input.subject ?? type.name,
    type: type.key_string,
    owner_id: input.owner_id ?? user.id,
    creator_user_id: user.id,
    deal_id: null,
    lead_id: null,
    project_id: null,
    ...about(input),
    person_id: null,
    participants: [],
    ...people(input),
    org_id: input.org_id ?? null,
    due_date: input.due_date ?? localDate(time, user.timezone_name),
    due_time: input.due_time ?? null,
    duration: input.duration ?? null,
    busy: input.busy ?? input.due_time !== undefined,
    done,
    marked_as_done_time: done ? time : null,
    location: input.location ?? null,
    attendees: input.attendees ?? [],
    public_description: input.public_description ?? null,
    priority: input.priority ?? null,
    note: input.note ?? null,
  }
}

const plain = [
  'subject',
  'type',
  'owner_id',
  'org_id',
  'due_date',
  'due_time',
  'duration',
  'busy',
  'location',
  'attendees',
  'public_description',
  'priority',
  'note',
] as const

function changeActivity(activity: ActivityRow, input: ActivityBody, caller: Caller): Partial<ActivityRow> {
  check(input, caller)
  return {
    ...Object.fromEntries(plain.filter((field) => input[field] !== undefined).map((field) => [field, input[field]])),
    ...about(input),
    ...people(input),
    ...(input.done !== undefined &&
      input.done !== activity.done && { done: input.done, marked_as_done_time: input.done ? caller.time : null }),
  }
}

export const activities: Resource<ActivityRow, typeof fields> = {
  path: 'activities',
  singular: 'Activity',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.activities,
  listing: {
    filters: {
      owner_id: query.whole(),
      deal_id: query.whole(),
      lead_id: query.text(),
      person_id: query.whole(),
      org_id: query.whole(),
      done: query.flag(),
    },
    sortBy: ['id', 'update_time', 'add_time', 'due_date'],
    timeFilters: true,
  },
  canSee: canSeeActivity,
  view: activityView,
  payload: { object: 'activity', omittedOnDelete: ['update_user_id'] },
  includes: {
    attendees: (activity) => activity.attendees.map((attendee) => ({ name: null, person_id: null, user_id: null, ...attendee })),
  },
  writing: {
    fields,
    required: [],
    references: { owner_id: 'User', deal_id: 'Deal', org_id: 'Organization' },
    create: createActivity,
    change: changeActivity,
  },
}
