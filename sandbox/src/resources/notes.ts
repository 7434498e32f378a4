import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { type Caller, newRow } from '../state/caller.ts'
import type { NoteRow } from '../state/records.ts'
import { canSee, canSeeNote, leadOf } from '../state/visibility.ts'
import { isDate } from '../time.ts'
import type { Resource } from './resource.ts'
import { v1Refusal, v1Type } from './v1.ts'
import { noteView, type Pin, pinned, pins } from './views/note-view.ts'

const links = Object.values(pins)
type NoteLink = (typeof links)[number]

const pinFlags = Object.fromEntries(pinned.map((pin) => [`pinned_to_${pin}_flag`, v1Type.flag().optional()]))
const linkFields = {
  lead_id: z.string().nullish(),
  deal_id: v1Type.whole().nullish(),
  person_id: v1Type.whole().nullish(),
  org_id: v1Type.whole().nullish(),
  project_id: v1Type.whole().nullish(),
  task_id: v1Type.whole().nullish(),
}
const change = z.object({
  content: z.string().optional(),
  user_id: v1Type.whole().optional(),
  add_time: v1Type.moment().optional(),
  ...linkFields,
  ...pinFlags,
})
type NoteBody = z.output<typeof change>
const sortable = ['id', 'user_id', 'deal_id', 'person_id', 'org_id', 'content', 'add_time', 'update_time']

const isPinned = (input: object, pin: Pin): boolean | undefined => (input as Record<string, boolean | undefined>)[`pinned_to_${pin}_flag`]

/** The linked records must exist and be visible to the caller. */
function checkLinks(input: NoteBody, caller: Caller): void {
  const { company, behaviour } = caller
  const refuse = (kind: string): never => {
    throw v1Refusal(404, wording(behaviour, 'notFound', kind))
  }
  const requireVisible = <T extends Parameters<typeof canSee>[0]>(row: T | undefined, kind: string): void => {
    if (!row || row.is_deleted || !canSee(row, caller)) refuse(kind)
  }
  if (input.deal_id != null) requireVisible(company.deals.get(input.deal_id), 'Deal')
  if (input.lead_id != null) requireVisible(leadOf(company, input.lead_id), 'Lead')
  if (input.person_id != null) requireVisible(company.persons.get(input.person_id), 'Person')
  if (input.org_id != null) requireVisible(company.organizations.get(input.org_id), 'Organization')
  if (input.project_id != null) refuse('Project')
  if (input.task_id != null) refuse('Task')
  if (input.user_id !== undefined && !company.users.get(input.user_id)?.active_flag) refuse('User')
}

/** A note on a deal or lead gets its person and organization by default, as observed in Pipedrive's create. */
function inherited(input: NoteBody, { company }: Caller): Pick<NoteRow, 'person_id' | 'org_id'> {
  const deal = input.deal_id == null ? undefined : company.deals.get(input.deal_id)
  const lead = input.lead_id == null ? undefined : leadOf(company, input.lead_id)
  return {
    person_id: input.person_id ?? deal?.person_id ?? lead?.person_id ?? null,
    org_id: input.org_id ?? deal?.org_id ?? lead?.organization_id ?? null,
  }
}

const pinsAfter = (input: NoteBody, before: readonly string[]): string[] =>
  pinned.filter((pin) => isPinned(input, pin) ?? before.includes(pin))

function createNote(input: NoteBody, caller: Caller): Omit<NoteRow, 'id'> {
  const { user, behaviour, time } = caller
  if (input.content === undefined || input.content.trim() === '') throw v1Refusal(400, `content: ${wording(behaviour, 'required')}`)
  if (links.every((link) => input[link] == null)) throw v1Refusal(400, wording(behaviour, 'noLink'))
  // Only administrators can write for another user.
  if (input.user_id !== undefined && input.user_id !== user.id && !user.is_admin) throw v1Refusal(403, 'Forbidden')
  checkLinks(input, caller)
  return {
    ...newRow(caller),
    add_time: input.add_time ?? time,
    content: input.content,
    user_id: input.user_id ?? user.id,
    last_update_user_id: null,
    deal_id: input.deal_id ?? null,
    lead_id: input.lead_id ?? null,
    ...inherited(input, caller),
    project_id: null,
    task_id: null,
    pinned_to: pinsAfter(input, []),
  }
}

function changeNote(note: NoteRow, input: NoteBody, caller: Caller): Partial<NoteRow> {
  checkLinks(input, caller)
  const after = { ...note, ...Object.fromEntries(links.filter((link) => input[link] !== undefined).map((link) => [link, input[link]])) }
  if (links.every((link) => after[link] === null)) throw v1Refusal(400, wording(caller.behaviour, 'noLink'))
  return {
    ...Object.fromEntries(links.map((link: NoteLink) => [link, after[link]])),
    ...(input.content !== undefined && { content: input.content }),
    ...(input.user_id !== undefined && { user_id: input.user_id }),
    ...(input.add_time !== undefined && { add_time: input.add_time }),
    pinned_to: pinsAfter(input, note.pinned_to),
    last_update_user_id: caller.user.id,
  }
}

type Dates = { start_date?: string; end_date?: string }
const isListed = (note: NoteRow, parameters: Dates): boolean =>
  !note.is_deleted &&
  pinned.every((pin) => isPinned(parameters, pin) === undefined || isPinned(parameters, pin) === note.pinned_to.includes(pin)) &&
  (parameters.start_date === undefined || note.add_time.slice(0, 10) >= parameters.start_date) &&
  (parameters.end_date === undefined || note.add_time.slice(0, 10) <= parameters.end_date)

export const notes: Resource<NoteRow, typeof change> = {
  path: 'notes',
  api: 'v1',
  singular: 'Note',
  prices: { list: 20, get: 2, create: 10, update: 10, delete: 6 },
  table: (company) => company.notes,
  listing: {
    filters: { user_id: v1Type.whole(), ...linkFields },
    otherParameters: {
      ...pinFlags,
      start_date: z.string().refine(isDate, 'notADate'),
      end_date: z.string().refine(isDate, 'notADate'),
      updated_since: v1Type.moment(),
    },
    sorts: sortable,
    includes: isListed,
  },
  canSee: canSeeNote,
  view: noteView,
  payload: { object: 'note', deleteShowsNewState: true },
  writing: {
    fields: change,
    required: [],
    createdStatus: 201,
    references: {},
    create: createNote,
    change: changeNote,
    alwaysTouches: true,
    method: 'PUT',
    deletedIsMissing: true,
    deleteResult: true,
  },
}
