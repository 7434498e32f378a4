import { type Caller, isReadable } from '../state/caller.ts'
import type { Company } from '../state/company.ts'
import { type FieldEntity, fieldOf } from '../state/fields.ts'
import type { CustomValues, DealRow, LeadRow, OrganizationRow, Owned, PersonRow, ProductRow } from '../state/records.ts'
import type { Table } from '../state/table.ts'
import { canSee, canSeeNote } from '../state/visibility.ts'
import { rfc3339 } from '../time.ts'
import { smartAddress } from './includes.ts'

/** The types of custom fields that are searched. */
const SEARCHED_TYPES = new Set(['address', 'varchar', 'text', 'varchar_auto', 'double', 'monetary', 'phone'])

export type SearchField = 'address' | 'code' | 'custom_fields' | 'email' | 'name' | 'notes' | 'phone' | 'title'

/** A SearchKind describes the search of one kind of record: its texts by field, and the form of a hit. */
export interface SearchKind<R extends Owned = Owned> {
  type: 'deal' | 'person' | 'organization' | 'product' | 'lead'
  fields: readonly SearchField[]
  /** The fields that include_fields can add, by full name. */
  includes: Readonly<Record<string, (row: R, caller: Caller) => unknown>>
  rows(company: Company): Table<R>
  texts(row: R, field: SearchField, caller: Caller): string[]
  show(row: R, caller: Caller): Record<string, unknown>
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return ''
  const inner = (value as { value?: unknown }).value
  return typeof inner === 'string' || typeof inner === 'number' ? String(inner) : ''
}

/** Iterates over the record's values, not over the field definitions, because a search reads all records. */
const customTexts = (values: CustomValues, entity: FieldEntity, { company }: Caller): string[] =>
  Object.entries(values).flatMap(([code, value]) => {
    const text = value === null ? '' : textOf(value)
    return text !== '' && SEARCHED_TYPES.has(fieldOf(company, entity, code)?.type ?? '') ? [text] : []
  })

const noteTexts = (link: 'deal_id' | 'lead_id' | 'person_id' | 'org_id', id: number | string, caller: Caller): string[] =>
  [...caller.company.notes.where(link, id)]
    .filter((note) => !note.is_deleted && isReadable(note, caller) && canSeeNote(note, caller))
    .map(({ content }) => content)

/** Whether searches return the row. */
export const isFindable = (row: Owned, caller: Caller): boolean =>
  !row.is_deleted &&
  isReadable(row, caller) &&
  row.add_time <= rfc3339(caller.now - caller.behaviour.searchSeesAfterSeconds) &&
  canSee(row, caller)

/** A linked record by name; null if the caller may not see it (an assumption). */
function personOf(id: number | null, caller: Caller) {
  const person = id === null ? undefined : caller.company.persons.get(id)
  return person && canSee(person, caller) ? { id: person.id, name: person.name } : null
}
function organizationOf(id: number | null, caller: Caller) {
  const organization = id === null ? undefined : caller.company.organizations.get(id)
  return organization && canSee(organization, caller)
    ? { id: organization.id, name: organization.name, address: organization.address?.value ?? null }
    : null
}

const deal: SearchKind<DealRow> = {
  type: 'deal',
  fields: ['custom_fields', 'notes', 'title'],
  includes: { 'deal.cc_email': smartAddress('deal') },
  rows: ({ deals }) => deals,
  texts: (row, field, caller) =>
    field === 'title'
      ? [row.title]
      : field === 'notes'
        ? noteTexts('deal_id', row.id, caller)
        : customTexts(row.custom_fields, 'deal', caller),
  show: (row, caller) => ({
    title: row.title,
    value: row.value,
    currency: row.currency,
    status: row.status,
    visible_to: row.visible_to,
    owner: { id: row.owner_id },
    stage: { id: row.stage_id, name: caller.company.stages.get(row.stage_id)?.name ?? null },
    person: personOf(row.person_id, caller),
    organization: organizationOf(row.org_id, caller),
    custom_fields: customTexts(row.custom_fields, 'deal', caller),
    notes: noteTexts('deal_id', row.id, caller),
    is_archived: row.is_archived,
  }),
}

const values = (contacts: readonly { value: string }[]): string[] => contacts.map(({ value }) => value)

const person: SearchKind<PersonRow> = {
  type: 'person',
  fields: ['custom_fields', 'email', 'notes', 'phone', 'name'],
  includes: { 'person.picture': () => null },
  rows: ({ persons }) => persons,
  texts(row, field, caller) {
    if (field === 'name') return [row.name]
    if (field === 'email') return values(row.emails)
    if (field === 'phone') return values(row.phones)
    return field === 'notes' ? noteTexts('person_id', row.id, caller) : customTexts(row.custom_fields, 'person', caller)
  },
  show: (row, caller) => ({
    name: row.name,
    phones: values(row.phones),
    emails: values(row.emails),
    visible_to: row.visible_to,
    owner: { id: row.owner_id },
    organization: organizationOf(row.org_id, caller),
    custom_fields: customTexts(row.custom_fields, 'person', caller),
    notes: noteTexts('person_id', row.id, caller),
  }),
}

const organization: SearchKind<OrganizationRow> = {
  type: 'organization',
  fields: ['address', 'custom_fields', 'notes', 'name'],
  includes: {},
  rows: ({ organizations }) => organizations,
  texts(row, field, caller) {
    if (field === 'name') return [row.name]
    if (field === 'address') return row.address ? [row.address.value] : []
    return field === 'notes' ? noteTexts('org_id', row.id, caller) : customTexts(row.custom_fields, 'organization', caller)
  },
  show: (row, caller) => ({
    name: row.name,
    address: row.address?.value ?? null,
    visible_to: row.visible_to,
    owner: { id: row.owner_id },
    custom_fields: customTexts(row.custom_fields, 'organization', caller),
    notes: noteTexts('org_id', row.id, caller),
  }),
}

const product: SearchKind<ProductRow> = {
  type: 'product',
  fields: ['code', 'custom_fields', 'name'],
  includes: { 'product.price': ({ prices }) => prices.map(({ price, currency }) => ({ price, currency })) },
  rows: ({ products }) => products,
  texts(row, field, caller) {
    if (field === 'name') return [row.name]
    return field === 'code' ? (row.code === null ? [] : [row.code]) : customTexts(row.custom_fields, 'product', caller)
  },
  show: (row, caller) => ({
    name: row.name,
    code: row.code,
    visible_to: row.visible_to,
    owner: { id: row.owner_id },
    custom_fields: customTexts(row.custom_fields, 'product', caller),
  }),
}

const lead: SearchKind<LeadRow> = {
  type: 'lead',
  fields: ['custom_fields', 'notes', 'title'],
  includes: { 'lead.was_seen': ({ was_seen }) => was_seen },
  rows: ({ leads }) => leads,
  texts: (row, field, caller) =>
    field === 'title'
      ? [row.title]
      : field === 'notes'
        ? noteTexts('lead_id', row.uuid, caller)
        : customTexts(row.custom_fields, 'deal', caller),
  show(row, caller) {
    const contact = row.person_id === null ? undefined : caller.company.persons.get(row.person_id)
    return {
      id: row.uuid,
      title: row.title,
      owner: { id: row.owner_id },
      person: personOf(row.person_id, caller),
      organization: organizationOf(row.organization_id, caller),
      phones: values(contact?.phones ?? []),
      emails: values(contact?.emails ?? []),
      custom_fields: customTexts(row.custom_fields, 'deal', caller),
      notes: noteTexts('lead_id', row.uuid, caller),
      value: row.value?.amount ?? null,
      currency: row.value?.currency ?? null,
      visible_to: row.visible_to,
      is_archived: row.is_archived,
    }
  },
}

export const searchKinds = { deal, person, organization, product, lead }
