import * as z from 'zod'
import { wording } from '../http/answer.ts'
import { type Caller, isKept, isReadable, newRow, removal } from '../state/caller.ts'
import type { NoteRow } from '../state/records.ts'
import { canSee, canSeeNote, leadOf } from '../state/visibility.ts'
import { isDate, v1Time } from '../time.ts'
import type { Call, Route } from './route.ts'
import { readV1, readV1Body, v1, v1Answer, v1Page, v1Refusal, v1Sorted, v1TimeOrNull, v1Type } from './v1.ts'

/** What a note can be pinned to, and the field that links it there. */
const pins = {
  lead: 'lead_id',
  deal: 'deal_id',
  organization: 'org_id',
  person: 'person_id',
  project: 'project_id',
  task: 'task_id',
} as const
type Pin = keyof typeof pins
const pinned = Object.keys(pins) as Pin[]
const links = Object.values(pins)
type Link = (typeof links)[number]

const flags = Object.fromEntries(pinned.map((pin) => [`pinned_to_${pin}_flag`, v1Type.flag().optional()]))
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
  ...flags,
})
type Change = z.output<typeof change>
const listing = z.object({
  user_id: v1Type.whole().optional(),
  ...linkFields,
  ...flags,
  sort: z.string().optional(),
  start_date: z.string().refine(isDate, 'notADate').optional(),
  end_date: z.string().refine(isDate, 'notADate').optional(),
  updated_since: v1Type.moment().optional(),
})
const sortable = ['id', 'user_id', 'deal_id', 'person_id', 'org_id', 'content', 'add_time', 'update_time']

const isPinned = (given: object, pin: Pin): boolean | undefined => (given as Record<string, boolean | undefined>)[`pinned_to_${pin}_flag`]

export function showNote(note: NoteRow, { company, user }: Caller): Record<string, unknown> {
  const author = company.users.get(note.user_id)
  const deal = note.deal_id === null ? undefined : company.deals.get(note.deal_id)
  const person = note.person_id === null ? undefined : company.persons.get(note.person_id)
  const organization = note.org_id === null ? undefined : company.organizations.get(note.org_id)
  return {
    id: note.id,
    user_id: note.user_id,
    deal_id: note.deal_id,
    person_id: note.person_id,
    org_id: note.org_id,
    lead_id: note.lead_id,
    project_id: note.project_id,
    task_id: note.task_id,
    content: note.content,
    add_time: v1Time(note.add_time),
    update_time: v1TimeOrNull(note.update_time),
    active_flag: !note.is_deleted,
    ...Object.fromEntries(pinned.map((pin) => [`pinned_to_${pin}_flag`, note.pinned_to.includes(pin)])),
    last_update_user_id: note.last_update_user_id,
    organization: organization ? { name: organization.name } : null,
    person: person ? { name: person.name } : null,
    deal: deal ? { title: deal.title } : null,
    lead: note.lead_id !== null && leadOf(company, note.lead_id) ? { title: leadOf(company, note.lead_id)!.title } : null,
    project: null,
    task: null,
    user: author ? { email: author.email, name: author.name, icon_url: null, is_you: author.id === user.id } : null,
  }
}

function noteOf(call: Call): NoteRow {
  const note = call.company.notes.get(Number(call.params['id']))
  if (!note || !isKept(note, call) || !canSeeNote(note, call)) throw v1Refusal(404, 'Note not found')
  return note
}

/** The links that are given have to lead somewhere that the caller sees. */
function checkLinks(given: Change, caller: Caller): void {
  const { company, behaviour } = caller
  const refuse = (kind: string): never => {
    throw v1Refusal(404, wording(behaviour, 'notFound', kind))
  }
  const seen = <T extends Parameters<typeof canSee>[0]>(row: T | undefined, kind: string): void => {
    if (!row || row.is_deleted || !canSee(row, caller)) refuse(kind)
  }
  if (given.deal_id != null) seen(company.deals.get(given.deal_id), 'Deal')
  if (given.lead_id != null) seen(leadOf(company, given.lead_id), 'Lead')
  if (given.person_id != null) seen(company.persons.get(given.person_id), 'Person')
  if (given.org_id != null) seen(company.organizations.get(given.org_id), 'Organization')
  if (given.project_id != null) refuse('Project')
  if (given.task_id != null) refuse('Task')
  if (given.user_id !== undefined && !company.users.get(given.user_id)?.active_flag) refuse('User')
}

/** A note on a deal or lead is also about its person and organization, unless it says otherwise: seen when a note is created. */
function inherited(given: Change, { company }: Caller): Pick<NoteRow, 'person_id' | 'org_id'> {
  const deal = given.deal_id == null ? undefined : company.deals.get(given.deal_id)
  const lead = given.lead_id == null ? undefined : leadOf(company, given.lead_id)
  return {
    person_id: given.person_id ?? deal?.person_id ?? lead?.person_id ?? null,
    org_id: given.org_id ?? deal?.org_id ?? lead?.organization_id ?? null,
  }
}

const pinsAfter = (given: Change, before: readonly string[]): string[] =>
  pinned.filter((pin) => isPinned(given, pin) ?? before.includes(pin))

function create(call: Call) {
  const { company, user, behaviour, time } = call
  const given = readV1Body(change, call)
  if (given.content === undefined || given.content.trim() === '') throw v1Refusal(400, `content: ${wording(behaviour, 'required')}`)
  if (links.every((link) => given[link] == null)) throw v1Refusal(400, wording(behaviour, 'noLink'))
  // Only administrators write in the name of others.
  if (given.user_id !== undefined && given.user_id !== user.id && !user.is_admin) throw v1Refusal(403, 'Forbidden')
  checkLinks(given, call)
  const note = company.notes.insert({
    ...newRow(call),
    add_time: given.add_time ?? time,
    content: given.content,
    user_id: given.user_id ?? user.id,
    last_update_user_id: null,
    deal_id: given.deal_id ?? null,
    lead_id: given.lead_id ?? null,
    ...inherited(given, call),
    project_id: null,
    task_id: null,
    pinned_to: pinsAfter(given, []),
  })
  return v1Answer(showNote(note, call), {}, 201)
}

function update(call: Call) {
  const note = noteOf(call)
  if (note.is_deleted) throw v1Refusal(404, 'Note not found')
  const given = readV1Body(change, call)
  checkLinks(given, call)
  const after = { ...note, ...Object.fromEntries(links.filter((link) => given[link] !== undefined).map((link) => [link, given[link]])) }
  if (links.every((link) => after[link] === null)) throw v1Refusal(400, wording(call.behaviour, 'noLink'))
  call.company.notes.change(note, {
    ...Object.fromEntries(links.map((link: Link) => [link, after[link]])),
    ...(given.content !== undefined && { content: given.content }),
    ...(given.user_id !== undefined && { user_id: given.user_id }),
    ...(given.add_time !== undefined && { add_time: given.add_time }),
    pinned_to: pinsAfter(given, note.pinned_to),
    update_time: call.time,
    last_update_user_id: call.user.id,
  })
  return v1Answer(showNote(note, call))
}

function list(call: Call) {
  const wanted = readV1(listing, call.query, call)
  const { sort, start_date, end_date, updated_since, user_id } = wanted
  const kept = [...call.company.notes.walk()].filter(
    (note) =>
      !note.is_deleted &&
      isReadable(note, call) &&
      (user_id === undefined || note.user_id === user_id) &&
      links.every((link) => wanted[link] == null || note[link] === wanted[link]) &&
      pinned.every((pin) => isPinned(wanted, pin) === undefined || isPinned(wanted, pin) === note.pinned_to.includes(pin)) &&
      (start_date === undefined || note.add_time.slice(0, 10) >= start_date) &&
      (end_date === undefined || note.add_time.slice(0, 10) <= end_date) &&
      (updated_since === undefined || (note.update_time ?? note.add_time) >= updated_since) &&
      canSeeNote(note, call),
  )
  const { items, pagination } = v1Page(v1Sorted(kept, sort, sortable), call)
  return v1Answer(
    items.map((note) => showNote(note, call)),
    { additional_data: { pagination } },
  )
}

function get(call: Call) {
  const note = noteOf(call)
  if (!isReadable(note, call)) throw v1Refusal(404, 'Note not found')
  return v1Answer(showNote(note, call))
}

function remove(call: Call) {
  const note = noteOf(call)
  if (note.is_deleted) throw v1Refusal(404, 'Note not found')
  call.company.notes.change(note, removal(call))
  return v1Answer(true)
}

export const noteRoutes: readonly Route[] = [
  ...v1('GET', '/notes', 20, list),
  ...v1('POST', '/notes', 10, create),
  ...v1('GET', '/notes/:id', 2, get),
  ...v1('PUT', '/notes/:id', 10, update),
  ...v1('DELETE', '/notes/:id', 6, remove),
]
