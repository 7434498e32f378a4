import * as z from 'zod'
import { body, query } from '../http/validation.ts'
import type { OrganizationRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { address, checkContact, newContact, sharedChanges, sharedFields } from './contact-rules.ts'
import { organizationIncludes } from './includes.ts'
import type { Resource } from './resource.ts'
import { organizationView } from './views/contact-views.ts'

const fields = z.object({
  ...sharedFields,
  address,
  website: body.text().nullable(),
  linkedin: body.text().nullable(),
  industry: body.whole().nullable(),
  annual_revenue: body.whole().nullable(),
  employee_count: body.whole().nullable(),
})
type OrganizationBody = Partial<z.output<typeof fields>>

const plain = ['name', 'address', 'website', 'linkedin', 'industry', 'annual_revenue', 'employee_count'] as const

export const organizations: Resource<OrganizationRow, typeof fields> = {
  path: 'organizations',
  singular: 'Organization',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.organizations,
  listing: { filters: { owner_id: query.whole() }, sortBy: ['id', 'update_time', 'add_time'], timeFilters: true },
  canSee,
  view: organizationView,
  payload: { object: 'organization', omittedFromPrevious: ['update_time'] },
  includes: organizationIncludes,
  entity: 'organization',
  writing: {
    fields: fields,
    required: ['name'],
    references: { owner_id: 'User' },
    create(input: OrganizationBody, caller) {
      checkContact('organization', input, caller, false)
      return {
        ...newContact(input, caller),
        name: input.name!,
        address: input.address ?? null,
        website: input.website ?? null,
        linkedin: input.linkedin ?? null,
        industry: input.industry ?? null,
        annual_revenue: input.annual_revenue ?? null,
        employee_count: input.employee_count ?? null,
      }
    },
    change(organization, input: OrganizationBody, caller) {
      checkContact('organization', input, caller, true)
      return {
        ...sharedChanges(input, organization, caller),
        ...Object.fromEntries(plain.filter((field) => input[field] !== undefined).map((field) => [field, input[field]])),
      }
    },
  },
}
