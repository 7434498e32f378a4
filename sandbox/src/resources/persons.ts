import * as z from 'zod'
import { type Problem, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import { type FullName, joinName, splitName } from '../state/full-name.ts'
import { participantsOf } from '../state/participants.ts'
import type { Contact, DealRow, PersonRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { address, checkContact, newContact, sharedChanges, sharedFields } from './contact-rules.ts'
import { personIncludes } from './includes.ts'
import type { Resource } from './resource.ts'
import { personView } from './views/contact-views.ts'

const contact = z.strictObject({ value: body.text(), primary: body.flag().optional(), label: body.text().optional() })

/** The fields of contact sync. */
const synced = {
  postal_address: address,
  notes: body.text(),
  im: z.array(contact),
  birthday: body.date(),
  job_title: body.text(),
}
const fields = z.object({
  ...sharedFields,
  first_name: body.text(),
  last_name: body.text(),
  org_id: body.whole().nullable(),
  emails: z.array(contact),
  phones: z.array(contact),
  marketing_status: body.oneOf(['no_consent', 'unsubscribed', 'subscribed', 'archived']),
  ...synced,
})
type PersonBody = Partial<z.output<typeof fields>>

const listProblems = (field: string, input: z.output<typeof contact>[] = [], { behaviour }: Caller): Problem[] =>
  input.filter(({ primary }) => primary).length > 1 ? [{ field, text: wording(behaviour, 'onePrimary') }] : []

/** The name of a person: given completely, or as both parts, of which one may be empty. */
function nameOf({ name, first_name, last_name }: PersonBody): FullName | undefined {
  if (name !== undefined) return splitName(name)
  return first_name === undefined || last_name === undefined || first_name + last_name === '' ? undefined : joinName(first_name, last_name)
}

function personProblems(input: PersonBody, caller: Caller, change: boolean): Problem[] {
  const { behaviour } = caller
  const problems = [
    ...listProblems('emails', input.emails, caller),
    ...listProblems('phones', input.phones, caller),
    ...listProblems('im', input.im, caller),
  ]
  const named = input.first_name !== undefined || input.last_name !== undefined
  if (!nameOf(input) && (named || !change))
    problems.push({ field: 'name', text: wording(behaviour, named ? 'nameOrBothParts' : 'required') })
  if (behaviour.contactSync === 'off')
    for (const field of Object.keys(synced))
      if (input[field as keyof PersonBody] !== undefined)
        problems.push({ field, text: `Parameter '${field}' is not allowed for this request` })
  return problems
}

/** The fields of contact sync after a write. */
function syncedOf(input: PersonBody, before: PersonRow['synced'] = {}): Pick<PersonRow, 'synced'> {
  const names = Object.keys(synced).filter((field) => input[field as keyof PersonBody] !== undefined) as (keyof typeof synced)[]
  if (names.length === 0) return {}
  return { synced: { ...before, ...Object.fromEntries(names.map((name) => [name, name === 'im' ? contacts(input.im) : input[name]])) } }
}

const contacts = (input: z.output<typeof contact>[] = []): Contact[] =>
  input.map(({ value, primary, label }, at) => ({
    value,
    primary: primary ?? (at === 0 && !input.some((other) => other.primary)),
    label: label ?? 'work',
  }))

/** Whether the person is the deal's own person or another participant. */
const takesPart = ({ id }: PersonRow, deal: DealRow | undefined, company: Company): boolean =>
  deal !== undefined && participantsOf(deal, company).some(({ person_id }) => person_id === id)

export const persons: Resource<PersonRow, typeof fields> = {
  path: 'persons',
  singular: 'Person',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.persons,
  listing: {
    filters: { owner_id: query.whole(), org_id: query.whole() },
    otherParameters: { deal_id: query.whole() },
    sortBy: ['id', 'update_time', 'add_time'],
    timeFilters: true,
    includes: (person, { deal_id }, { company }) =>
      !person.is_deleted && (deal_id === undefined || takesPart(person, company.deals.get(deal_id as number), company)),
  },
  canSee,
  view: personView,
  payload: { object: 'person', omittedFromPrevious: ['update_time'] },
  includes: personIncludes,
  entity: 'person',
  writing: {
    fields: fields,
    required: [],
    references: { owner_id: 'User', org_id: 'Organization' },
    create(input: PersonBody, caller) {
      checkContact('person', input, caller, false, personProblems(input, caller, false))
      return {
        ...newContact(input, caller),
        ...nameOf(input)!,
        org_id: input.org_id ?? null,
        emails: contacts(input.emails),
        phones: contacts(input.phones),
        ...(input.marketing_status && { marketing_status: input.marketing_status }),
        ...syncedOf(input),
      }
    },
    change(person, input: PersonBody, caller) {
      checkContact('person', input, caller, true, personProblems(input, caller, true))
      const { emails, phones } = input
      return {
        ...sharedChanges(input, person, caller),
        ...nameOf(input),
        ...(input.org_id !== undefined && { org_id: input.org_id }),
        ...(input.marketing_status && { marketing_status: input.marketing_status }),
        ...(emails && { emails: contacts(emails) }),
        ...(phones && { phones: contacts(phones) }),
        ...syncedOf(input, person.synced),
      }
    },
  },
}
