import { type Caller, isReadable } from '../state/caller.ts'
import { followersNow } from '../state/followers.ts'
import { participantsOf } from '../state/participants.ts'
import { productsOn } from '../state/deal-value.ts'
import type { ActivityRow, DealRow, OrganizationRow, Owned, PersonRow } from '../state/records.ts'

/** IncludedFields are the fields that only include_fields adds. They are computed from records where the sandbox has those. */
type IncludedFields<R> = Readonly<Record<string, (row: R, caller: Caller) => unknown>>
type ActivityLink = 'deal_id' | 'person_id' | 'org_id'

function activitiesOf(link: ActivityLink, id: number, caller: Caller): ActivityRow[] {
  const linked: ActivityRow[] = []
  for (const activity of caller.company.activities.where(link, id))
    if (!activity.is_deleted && isReadable(activity, caller)) linked.push(activity)
  return linked
}

/** Undated activities come last; an all-day activity comes before those with a time. */
const due = (activity: ActivityRow): string => `${activity.due_date ?? '9999'} ${activity.due_time ?? ''}`
const byText = (read: (activity: ActivityRow) => string) => (a: ActivityRow, b: ActivityRow) =>
  read(a) < read(b) ? -1 : read(a) > read(b) ? 1 : a.id - b.id

/** The next activity is the first open one by due time; the last one is the one completed last. */
const activityIncludes = (link: ActivityLink): IncludedFields<{ id: number }> => ({
  next_activity_id: ({ id }, caller) =>
    activitiesOf(link, id, caller)
      .filter((activity) => !activity.done)
      .sort(byText(due))[0]?.id ?? null,
  last_activity_id: ({ id }, caller) =>
    activitiesOf(link, id, caller)
      .filter((activity) => activity.done)
      .sort(byText((activity) => activity.marked_as_done_time ?? ''))
      .at(-1)?.id ?? null,
  activities_count: ({ id }, caller) => activitiesOf(link, id, caller).length,
  done_activities_count: ({ id }, caller) => activitiesOf(link, id, caller).filter((activity) => activity.done).length,
  undone_activities_count: ({ id }, caller) => activitiesOf(link, id, caller).filter((activity) => !activity.done).length,
})

export const smartAddress = (kind: string) => (row: { id: number }, caller: Caller) =>
  `${caller.company.domain}+${kind}${row.id}@pipedrivemail.com`

const countNotes = (link: ActivityLink) => (row: { id: number }, caller: Caller) =>
  [...caller.company.notes.where(link, row.id)].filter((note) => !note.is_deleted && isReadable(note, caller)).length
const countFollowers = (row: Owned, { now }: Caller) => followersNow(row, now).length

export const dealIncludes: IncludedFields<DealRow> = {
  ...activityIncludes('deal_id'),
  first_won_time: (deal) => deal.first_won_time,
  products_count: ({ id }, caller) => productsOn(caller.company, id).filter((product) => isReadable(product, caller)).length,
  files_count: (deal) => deal.files_count,
  notes_count: countNotes('deal_id'),
  email_messages_count: (deal) => deal.email_messages_count,
  followers_count: countFollowers,
  participants_count: (deal, { company }) => participantsOf(deal, company).length,
  last_incoming_mail_time: () => null,
  last_outgoing_mail_time: () => null,
  smart_bcc_email: smartAddress('deal'),
  source_lead_id: (deal) => deal.source_lead_id ?? null,
}

const countDeals = (link: 'person_id' | 'org_id', counts: (deal: DealRow) => boolean) => (row: { id: number }, caller: Caller) =>
  [...caller.company.deals.where(link, row.id)].filter((deal) => !deal.is_deleted && isReadable(deal, caller) && counts(deal)).length

const none = () => 0
/** The included fields of contacts. The sandbox has no related records, files and mails: they are 0. */
const contactIncludes = (link: 'person_id' | 'org_id'): IncludedFields<Owned> => ({
  ...activityIncludes(link),
  open_deals_count: countDeals(link, (deal) => deal.status === 'open'),
  closed_deals_count: countDeals(link, (deal) => deal.status !== 'open'),
  won_deals_count: countDeals(link, (deal) => deal.status === 'won'),
  lost_deals_count: countDeals(link, (deal) => deal.status === 'lost'),
  related_open_deals_count: none,
  related_closed_deals_count: none,
  related_won_deals_count: none,
  related_lost_deals_count: none,
  email_messages_count: none,
  files_count: none,
  notes_count: countNotes(link),
  followers_count: countFollowers,
})

/** Deals in which the person is a participant, but not the deal's own person. */
const countParticipations = (counts: (deal: DealRow) => boolean) => (person: PersonRow, caller: Caller) =>
  [...caller.company.participants.where('person_id', person.id)].filter((row) => {
    const deal = row.is_deleted ? undefined : caller.company.deals.get(row.deal_id)
    return deal && deal.person_id !== person.id && !deal.is_deleted && isReadable(deal, caller) && counts(deal)
  }).length

export const personIncludes: IncludedFields<PersonRow> = {
  ...contactIncludes('person_id'),
  participant_open_deals_count: countParticipations((deal) => deal.status === 'open'),
  participant_closed_deals_count: countParticipations((deal) => deal.status !== 'open'),
  last_incoming_mail_time: () => null,
  last_outgoing_mail_time: () => null,
  marketing_status: (person) => person.marketing_status ?? 'no_consent',
  doi_status: () => null,
  smart_bcc_email: smartAddress('person'),
}

export const organizationIncludes: IncludedFields<OrganizationRow> = {
  ...contactIncludes('org_id'),
  people_count: ({ id }, caller) =>
    [...caller.company.persons.where('org_id', id)].filter((person) => !person.is_deleted && isReadable(person, caller)).length,
  smart_bcc_email: smartAddress('org'),
}
