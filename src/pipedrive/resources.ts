/** A Resource is how one kind of record is reached in Pipedrive. */
export interface Resource {
  path: `/api/${string}`
  /** API v2 pages by cursor, API v1 by offset. */
  pages: 'cursor' | 'offset'
  /** Where the list is, if it is not at `path`, with a query. */
  list?: `/api/${string}`
  /** Pipedrive has no pages of this list, and takes no limit. */
  wholeList?: true
  /** Custom fields stand at the top level of a record, in the forms of API v1. */
  customFieldsAtTop?: true
  /** Updates are PATCH if this is absent. */
  update?: 'PUT'
  /** API v2 has the search where the records themselves are in API v1. */
  search?: `/api/${string}`
  /** Definitions of the record's fields. */
  fields?: `/api/${string}`
}

const v2 = (name: string, more: Partial<Resource> = {}): Resource => ({ path: `/api/v2/${name}`, pages: 'cursor', ...more })
const v1 = (name: string, more: Partial<Resource> = {}): Resource => ({ path: `/api/v1/${name}`, pages: 'offset', ...more })

/** The kinds of record, by name. `{…}` is the id of the record that they belong to. */
export const resources = {
  deal: v2('deals', { search: '/api/v2/deals/search', fields: '/api/v2/dealFields' }),
  // Read only.
  archivedDeal: v2('deals/archived', { fields: '/api/v2/dealFields' }),
  person: v2('persons', { search: '/api/v2/persons/search', fields: '/api/v2/personFields' }),
  organization: v2('organizations', { search: '/api/v2/organizations/search', fields: '/api/v2/organizationFields' }),
  product: v2('products', { search: '/api/v2/products/search', fields: '/api/v2/productFields' }),
  activity: v2('activities'),
  pipeline: v2('pipelines'),
  stage: v2('stages'),
  // Leads have the fields of deals.
  lead: v1('leads', { search: '/api/v2/leads/search', fields: '/api/v2/dealFields', customFieldsAtTop: true }),
  note: v1('notes', { update: 'PUT' }),
  leadLabel: v1('leadLabels', { wholeList: true }),
  dealProduct: v2('deals/{deal_id}/products'),
  dealDiscount: v2('deals/{deal_id}/discounts', { wholeList: true }),
  dealInstallment: v2('deals/{deal_id}/installments', { list: '/api/v2/deals/installments?deal_ids={deal_id}' }),
  dealParticipant: v1('deals/{deal_id}/participants'),
  productVariation: v2('products/{product_id}/variations'),
  user: v1('users', { wholeList: true }),
} as const satisfies Record<string, Resource>

/** A ResourceName is one of them. */
export type ResourceName = keyof typeof resources

/** The ids of the records that a kind of record belongs to, by the name in its path. */
export type ParentIds = Readonly<Record<string, number>>
