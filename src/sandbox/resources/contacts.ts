import * as z from 'zod'
import { failure, type Problem, Refusal, validationFailed, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import type { Contact, OrganizationRow, PersonRow } from '../state/records.ts'
import { canSee, visibilityOptions } from '../state/visibility.ts'
import { organizationIncludes, personIncludes } from './includes.ts'
import type { Body, Resource } from './resource.ts'

const contact = z.strictObject({ value: body.text(), primary: body.flag().optional(), label: body.text().optional() })

/** What persons and organizations have in common. */
const shared = {
  name: body.name(),
  owner_id: body.whole(),
  add_time: body.moment(),
  visible_to: body.whole(),
  label_ids: z.array(body.whole()),
  custom_fields: z.record(z.string(), z.unknown()),
}
const personFields = z.object({ ...shared, org_id: body.whole(), emails: z.array(contact), phones: z.array(contact) })
const organizationFields = z.object({
  ...shared,
  address: z.record(z.string(), z.unknown()),
  website: body.text().nullable(),
  linkedin: body.text().nullable(),
  industry: body.whole().nullable(),
  annual_revenue: body.whole().nullable(),
  employee_count: body.whole().nullable(),
})
type PersonBody = Partial<z.output<typeof personFields>>
type OrganizationBody = Partial<z.output<typeof organizationFields>>

/** Contacts have no labels and no custom fields in the sandbox. `add_time` can be given at creation only. */
function check(given: PersonBody | OrganizationBody, caller: Caller, change: boolean): void {
  const problems: Problem[] = []
  if (change && given.add_time !== undefined)
    problems.push({ field: 'add_time', text: "Parameter 'add_time' is not allowed for this request" })
  if (given.label_ids && given.label_ids.length > 0) problems.push({ field: 'label_ids', text: wording(caller.behaviour, 'unknownLabel') })
  if (problems.length > 0) throw validationFailed(problems)
  if (given.visible_to !== undefined && !visibilityOptions(caller).includes(given.visible_to))
    throw new Refusal(failure(caller.behaviour.refusedVisibility, wording(caller.behaviour, 'visibilityNotOffered')))
}

const common = (given: PersonBody | OrganizationBody, caller: Caller) => ({
  ...newRow(caller),
  ...(given.add_time !== undefined && { add_time: given.add_time }),
  name: given.name!,
  owner_id: given.owner_id ?? caller.user.id,
  visible_to: given.visible_to ?? widestVisibility(caller.company),
  label_ids: [],
})

const contacts = (given: z.output<typeof contact>[] = []): Contact[] =>
  given.map(({ value, primary, label }, at) => ({ value, primary: primary ?? at === 0, label: label ?? 'work' }))

const set = (given: Body): Body => Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'custom_fields'))

const noCustomFields = ({ behaviour }: Caller) => (behaviour.customFieldsWhenNone === 'null' ? null : {})

function showPerson(person: PersonRow, caller: Caller): Body {
  const names = person.name.split(' ')
  return {
    id: person.id,
    name: person.name,
    first_name: names[0],
    last_name: names.slice(1).join(' ') || null,
    owner_id: person.owner_id,
    org_id: person.org_id,
    add_time: person.add_time,
    update_time: person.update_time,
    emails: person.emails,
    phones: person.phones,
    is_deleted: person.is_deleted,
    visible_to: person.visible_to,
    label_ids: person.label_ids,
    picture_id: null,
    custom_fields: noCustomFields(caller),
  }
}

export const persons: Resource<PersonRow, typeof personFields> = {
  path: 'persons',
  singular: 'Person',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.persons,
  listing: {
    equals: { owner_id: query.whole(), org_id: query.whole() },
    others: { deal_id: query.whole() },
    sortBy: ['id', 'update_time', 'add_time'],
    searchable: true,
    keep: (person, { deal_id }, { company }) =>
      !person.is_deleted && (deal_id === undefined || company.deals.get(deal_id as number)?.person_id === person.id),
  },
  canSee,
  show: showPerson,
  includes: personIncludes,
  customFields: () => [],
  labels: () => [],
  writing: {
    fields: personFields,
    required: ['name'],
    references: { owner_id: 'User', org_id: 'Organization' },
    create(given, caller) {
      check(given, caller, false)
      return { ...common(given, caller), org_id: given.org_id ?? null, emails: contacts(given.emails), phones: contacts(given.phones) }
    },
    change(_person, given, caller) {
      check(given, caller, true)
      const { emails, phones } = given as PersonBody
      return { ...set(given), ...(emails && { emails: contacts(emails) }), ...(phones && { phones: contacts(phones) }) }
    },
  },
}

export const organizations: Resource<OrganizationRow, typeof organizationFields> = {
  path: 'organizations',
  singular: 'Organization',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.organizations,
  listing: { equals: { owner_id: query.whole() }, sortBy: ['id', 'update_time', 'add_time'], searchable: true },
  canSee,
  show: (organization, caller) => ({
    id: organization.id,
    name: organization.name,
    owner_id: organization.owner_id,
    add_time: organization.add_time,
    update_time: organization.update_time,
    address: organization.address,
    is_deleted: organization.is_deleted,
    visible_to: organization.visible_to,
    label_ids: organization.label_ids,
    website: organization.website,
    linkedin: organization.linkedin,
    industry: organization.industry,
    annual_revenue: organization.annual_revenue,
    employee_count: organization.employee_count,
    custom_fields: noCustomFields(caller),
  }),
  includes: organizationIncludes,
  customFields: () => [],
  labels: () => [],
  writing: {
    fields: organizationFields,
    required: ['name'],
    references: { owner_id: 'User' },
    create(given: OrganizationBody, caller) {
      check(given, caller, false)
      return {
        ...common(given, caller),
        address: given.address ?? null,
        website: given.website ?? null,
        linkedin: given.linkedin ?? null,
        industry: given.industry ?? null,
        annual_revenue: given.annual_revenue ?? null,
        employee_count: given.employee_count ?? null,
      }
    },
    change(_organization, given, caller) {
      check(given, caller, true)
      return set(given)
    },
  },
}
