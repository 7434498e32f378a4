import type { Walk } from './walker.ts'
import { activities } from './walks/activities.ts'
import { company } from './walks/company.ts'
import { contacts } from './walks/contacts.ts'
import { dealMoney } from './walks/deal-money.ts'
import { deals } from './walks/deals.ts'
import { fields } from './walks/fields.ts'
import { followers } from './walks/followers.ts'
import { leads } from './walks/leads.ts'
import { merges } from './walks/merges.ts'
import { notes } from './walks/notes.ts'
import { pipelines } from './walks/pipelines.ts'
import { products } from './walks/products.ts'
import { search } from './walks/search.ts'
import { webhooks } from './walks/webhooks.ts'

/** The ways through everything that the sandbox serves, by the name of the kind. */
export const walks: Readonly<Record<string, Walk>> = {
  deals,
  dealMoney,
  activities,
  contacts,
  pipelines,
  products,
  fields,
  followers,
  search,
  leads,
  notes,
  merges,
  company,
  webhooks,
}
