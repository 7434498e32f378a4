import type { Group, Plan } from '../state/company.ts'
import type { CustomType, FieldEntity } from '../state/fields.ts'
import type { WebhookRow } from '../webhooks/webhook-rows.ts'
import type { CustomValues, DealProductRow, Option, Price, ProductRow } from '../state/records.ts'

/**
 * A CompanySeed is one company of a seed file, with its defaults filled in and its references replaced by ids. Times are days before the start
 * (`1.5`) and dates are days from today (`-1` is yesterday). Ids count from 1 in the order of the arrays.
 */
export interface CompanySeed {
  id: number
  name: string
  domain: string
  country: string
  language: string
  plan: Plan
  groups: Group[]
  users: UserSeed[]
  activityTypes: ActivityTypeSeed[]
  currencies: CurrencySeed[]
  labels: Partial<Record<FieldEntity, Option[]>>
  customFields: CustomFieldSeed[]
  categories: Option[]
  products: ProductSeed[]
  pipelines: PipelineSeed[]
  organizations: OrganizationSeed[]
  persons: PersonSeed[]
  deals: DealSeed[]
  activities: ActivitySeed[]
  leadLabels: LeadLabelSeed[]
  leads: LeadSeed[]
  notes: NoteSeed[]
  webhooks: WebhookSeed[]
}

export interface UserSeed {
  id: number
  name: string
  email: string
  /** The API key that acts as this user. */
  key?: string
  phone?: string
  locale: string
  zone: string
  currency: string
  admin?: true
  inactive?: true
  group: number
  /** The users who follow this one. */
  followers: number[]
}

export interface ActivityTypeSeed {
  key: string
  name: string
  custom: boolean
  inactive: boolean
}

export interface CurrencySeed {
  code: string
  name: string
  symbol: string
  decimals: number
  inactive: boolean
}

export interface PipelineSeed {
  name: string
  withProbability?: true
  /** In their order. */
  stages: { name: string; probability: number }[]
}

export interface OwnedSeed {
  owner: number
  visible?: number
  added: number
  /** The followers besides the owner. */
  followers?: number[]
}

export interface OrganizationSeed extends OwnedSeed {
  name: string
  address?: string
  website?: string
  employees?: number
  labels?: number[]
  custom?: CustomValues
}

export interface PersonSeed extends OwnedSeed {
  name: string
  org?: number
  emails?: [value: string, label?: string][]
  phones?: [value: string, label?: string][]
  labels?: number[]
  custom?: CustomValues
  deleted?: number
}

export interface DealSeed extends OwnedSeed {
  title: string
  /** The creator, if not the owner. */
  creator?: number
  person?: number
  org?: number
  /** The id of the stage, which determines the pipeline. */
  stage: number
  value: number
  currency?: string
  updated?: number
  moved?: number
  won?: number
  lost?: number
  lostReason?: string
  wonBefore?: number
  probability?: number
  expected?: number
  labels?: number[]
  archived?: number
  deleted?: number
  custom?: CustomValues
  origin?: string
  files?: number
  emails?: number
  products?: DealProductSeed[]
  /** Participants besides `person`. */
  participants?: number[]
}

export interface ActivitySeed {
  subject: string
  type: string
  owner: number
  creator?: number
  deal?: number
  lead?: string
  person?: number
  others?: number[]
  org?: number
  added: number
  due?: number
  time?: string
  duration?: string
  busy?: boolean
  /** Days before the start at which it was done. */
  done?: number
  note?: string
  description?: string
  place?: string
  priority?: number
  attendee?: string
  deleted?: number
}

export interface LeadLabelSeed {
  id: string
  name: string
  color: string
}

export interface LeadSeed extends OwnedSeed {
  id: string
  title: string
  person?: number
  org?: number
  value?: number
  currency?: string
  labels?: string[]
  expected?: number
  source?: string
  archived?: true
  seen?: true
}

export interface NoteSeed {
  content: string
  user: number
  added: number
  deal?: number
  lead?: string
  person?: number
  org?: number
  /** `deal`, `lead`, `organization` or `person`. */
  pinned?: string[]
}

/** A CustomFieldSeed is a custom field. */
export interface CustomFieldSeed {
  entity: FieldEntity
  code: string
  name: string
  type: CustomType
  description?: string
  options?: Option[]
}

export interface ProductSeed
  extends OwnedSeed, Partial<Pick<ProductRow, 'code' | 'description' | 'unit' | 'tax' | 'category' | 'is_linkable'>> {
  name: string
  prices: (Pick<Price, 'price' | 'currency'> & Partial<Price>)[]
  billing?: ProductRow['billing_frequency']
  cycles?: number
  custom?: CustomValues
  deleted?: number
}

/** A DealProductSeed is a product on a deal. */
export type DealProductSeed = Pick<DealProductRow, 'product_id' | 'quantity' | 'item_price'> & Partial<DealProductRow>

export interface WebhookSeed extends Pick<WebhookRow, 'name'> {
  url: string
  action: WebhookRow['event_action']
  object: WebhookRow['event_object']
  user: number
  added: number
  login?: string
  password?: string
}
