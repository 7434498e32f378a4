import * as z from 'zod'
import { page, wording } from '../http/answer.ts'
import { isRetained, isReadable, newRow, removal } from '../state/caller.ts'
import { addedId, type Participation, participantRows, participantsOf } from '../state/participants.ts'
import type { DealRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { rfc3339, v1Time } from '../time.ts'
import type { Call, Route } from './route.ts'
import { readPaging, slice } from './offset-page.ts'
import { readV1Body, v1, v1Answer, v1Page, v1Refusal, v1Type } from './v1.ts'
import { personView } from './views/contact-views.ts'
import { v1OrganizationLink, v1UserLink } from './views/linked.ts'

const addition = z.object({ person_id: v1Type.whole() })

function dealOf(call: Call): DealRow {
  const deal = call.company.deals.get(Number(call.params['id']))
  if (!deal || !isReadable(deal, call) || deal.is_deleted || !canSee(deal, call)) throw v1Refusal(404, 'Deal not found')
  return deal
}

function show({ id, person_id, add_time, added_by }: Participation, deal: DealRow, call: Call) {
  const person = call.company.persons.get(person_id)
  return {
    id,
    person_id: person && {
      active_flag: !person.is_deleted,
      name: person.name,
      email: person.emails,
      phone: person.phones,
      owner_id: person.owner_id,
      company_id: call.company.id,
      value: person_id,
    },
    add_time: v1Time(add_time),
    active_flag: true,
    related_item_data: { deal_id: deal.id, title: deal.title },
    person: person && {
      ...personView.v1(person, call),
      owner_id: v1UserLink(person.owner_id, call),
      org_id: v1OrganizationLink(person.org_id, call),
    },
    added_by_user_id: v1UserLink(added_by, call),
    related_item_type: 'deal',
    related_item_id: deal.id,
  }
}

/** `{ <id>: <link> }`, with `id` in place of `value`; missing records are left out. */
const byId = (links: readonly (Record<string, unknown> | null | undefined)[]): Record<string, unknown> =>
  Object.fromEntries(links.flatMap((link) => (link ? [[link['value'], { ...link, id: link['value'], value: undefined }]] : [])))

/** The users, persons and organizations of participants, without duplicates. */
function related(participations: readonly Participation[], deal: DealRow, call: Call) {
  const persons = participations.map((participation) => show(participation, deal, call).person_id)
  const organizations = participations.map(({ person_id }) => call.company.persons.get(person_id)?.org_id ?? null)
  return {
    user: byId(participations.map(({ added_by }) => v1UserLink(added_by, call))),
    person: byId(persons),
    organization: byId(organizations.map((id) => v1OrganizationLink(id, call))),
  }
}

function list(call: Call) {
  const deal = dealOf(call)
  const { items, pagination } = v1Page(participantsOf(deal, call.company), call)
  return v1Answer(
    items.map((participation) => show(participation, deal, call)),
    { additional_data: { pagination }, related_objects: related(items, deal, call) },
  )
}

function add(call: Call) {
  const deal = dealOf(call)
  const { company, behaviour } = call
  const { person_id } = readV1Body(addition, call)
  const person = company.persons.get(person_id)
  if (!person || person.is_deleted || !isRetained(person, call) || !canSee(person, call))
    throw v1Refusal(400, wording(behaviour, 'notFound', 'Person'))
  if (participantsOf(deal, company).some((participation) => participation.person_id === person_id))
    throw v1Refusal(400, wording(behaviour, 'alreadyParticipates'))
  const row = company.participants.insert({ ...newRow(call), deal_id: deal.id, person_id, added_by: call.user.id, removed_by: null })
  const added: Participation = { id: addedId(row), person_id, add_time: row.add_time, added_by: call.user.id, row }
  return v1Answer(show(added, deal, call), { related_objects: related([added], deal, call) })
}

/** Removing the deal's own person clears person_id (an assumption). */
function remove(call: Call) {
  const deal = dealOf(call)
  const { company, time, user } = call
  const id = Number(call.params['deal_participant_id'])
  const participation = participantsOf(deal, company).find((each) => each.id === id)
  if (!participation) throw v1Refusal(404, 'Participant not found')
  const { row } = participation
  if (row) company.participants.change(row, { ...removal(call), removed_by: user.id })
  else company.deals.change(deal, { person_id: null, update_time: time })
  return v1Answer({ id })
}

/** Unlike other v1 lists, this one has a cursor. */
function changelog(call: Call) {
  const paging = readPaging(call)
  const deal = dealOf(call)
  const change = (action: string, actor_user_id: number, person_id: number, at: string) => ({
    actor_user_id,
    person_id,
    action,
    time: v1Time(at),
  })
  const changes = participantRows(call.company, deal.id)
    .flatMap((row) => [
      change('added', row.added_by, row.person_id, row.add_time),
      ...(row.deleted_at === null ? [] : [change('removed', row.removed_by ?? row.added_by, row.person_id, rfc3339(row.deleted_at))]),
    ])
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
  const { items, nextCursor } = slice(changes.reverse(), paging, call)
  return page(items, nextCursor)
}

export const participantRoutes: readonly Route[] = [
  ...v1('GET', '/deals/:id/participants', 10, list),
  ...v1('POST', '/deals/:id/participants', 10, add),
  ...v1('DELETE', '/deals/:id/participants/:deal_participant_id', 6, remove),
  ...v1('GET', '/deals/:id/participantsChangelog', 10, changelog),
]
