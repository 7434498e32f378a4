import type { Company } from './company.ts'
import { participantsOf } from './participants.ts'
import type { ActivityRow, Contact, CustomValues, DealRow, Follower, OrganizationRow, Owned, PersonRow, Row } from './records.ts'
import type { Table } from './table.ts'

/** Merges two records. `to` stays and has priority: empty fields are filled from `from`, and related records move to it. */

/** Changes the references to one record into references to another. */
function relink<R extends Row>(table: Table<R>, column: keyof R & string, from: number, to: number): void {
  for (const row of table.where(column, from)) table.change(row, { [column]: to } as unknown as Partial<R>)
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

/** The values for the empty fields of `to`. */
function filled<R extends object>(to: R, from: R, fields: readonly (keyof R & string)[]): Partial<R> {
  const changes: Partial<R> = {}
  for (const field of fields) if (isEmpty(to[field]) && !isEmpty(from[field])) changes[field] = from[field]
  return changes
}

const customFilled = (to: CustomValues, from: CustomValues): CustomValues => ({
  ...to,
  ...Object.fromEntries(Object.entries(from).filter(([code, value]) => isEmpty(to[code]) && !isEmpty(value))),
})

/** The followers of both. Returns the same array if there are none to add. */
function followersOfBoth(to: Follower[], from: readonly Follower[]): Follower[] {
  const more = from.filter(
    ({ user_id, until }) => until === undefined && !to.some((one) => one.user_id === user_id && one.until === undefined),
  )
  return more.length === 0 ? to : [...to, ...more]
}

const contactsOfBoth = (to: Contact[], from: readonly Contact[]): Contact[] => [
  ...to,
  ...from
    .filter(({ value }) => !to.some((contact) => contact.value === value))
    .map((contact) => ({ ...contact, primary: to.length === 0 && contact.primary })),
]

/** A Combine moves the related records of a merge and returns the changes of the record that stays, except update_time. */
export type Combine<R extends Owned> = (to: R, from: R, company: Company, userId: number, now: number) => Partial<R>

const base = (now: number) => ({ is_deleted: false, readable_from: now, deleted_at: null })

export const combineDeals: Combine<DealRow> = (to, from, company, userId, now) => {
  for (const { person_id, row, add_time, added_by } of participantsOf(from, company)) {
    if (row) company.participants.change(row, { is_deleted: true, deleted_at: now, removed_by: userId })
    const isThere = (to.person_id ?? from.person_id) === person_id || participantsOf(to, company).some((one) => one.person_id === person_id)
    if (!isThere)
      company.participants.insert({ ...base(now), add_time, update_time: add_time, deal_id: to.id, person_id, added_by, removed_by: null })
  }
  for (const table of [
    company.activities,
    company.notes,
    company.dealProducts,
    company.discounts,
    company.installments,
  ] as unknown as Table<ActivityRow>[])
    relink(table, 'deal_id', from.id, to.id)
  return {
    ...filled(to, from, ['person_id', 'org_id', 'probability', 'expected_close_date', 'lost_reason', 'label_ids', 'first_won_time']),
    ...(to.value === 0 && from.value !== 0 && { value: from.value, currency: from.currency }),
    custom_fields: customFilled(to.custom_fields, from.custom_fields),
    followers: followersOfBoth(to.followers, from.followers),
    files_count: to.files_count + from.files_count,
    email_messages_count: to.email_messages_count + from.email_messages_count,
  }
}

export const combinePersons: Combine<PersonRow> = (to, from, company) => {
  for (const activity of company.activities.walk()) {
    if (!activity.participants.some(({ person_id }) => person_id === from.id)) continue
    const moved = activity.participants.map((one) => (one.person_id === from.id ? { ...one, person_id: to.id } : one))
    const participants = moved.filter((one, at) => moved.findIndex(({ person_id }) => person_id === one.person_id) === at)
    company.activities.change(activity, { participants })
  }
  relink(company.activities, 'person_id', from.id, to.id)
  relink(company.deals, 'person_id', from.id, to.id)
  relink(company.notes, 'person_id', from.id, to.id)
  relink(company.leads, 'person_id', from.id, to.id)
  relink(company.participants, 'person_id', from.id, to.id)
  return {
    ...filled(to, from, ['org_id', 'label_ids']),
    emails: contactsOfBoth(to.emails, from.emails),
    phones: contactsOfBoth(to.phones, from.phones),
    custom_fields: customFilled(to.custom_fields, from.custom_fields),
    followers: followersOfBoth(to.followers, from.followers),
  }
}

export const combineOrganizations: Combine<OrganizationRow> = (to, from, company) => {
  relink(company.persons, 'org_id', from.id, to.id)
  relink(company.deals, 'org_id', from.id, to.id)
  relink(company.activities, 'org_id', from.id, to.id)
  relink(company.notes, 'org_id', from.id, to.id)
  relink(company.leads, 'organization_id', from.id, to.id)
  return {
    ...filled(to, from, ['address', 'website', 'linkedin', 'industry', 'annual_revenue', 'employee_count', 'label_ids']),
    custom_fields: customFilled(to.custom_fields, from.custom_fields),
    followers: followersOfBoth(to.followers, from.followers),
  }
}
