import type { CustomField, Group, Option, Plan } from '../state/company.ts'
import type { CustomValues, DealRow } from '../state/records.ts'

/**
 * A CompanySeed is the data that a company starts with. Every time is told in days before the start (`1.5`), every date in days from today
 * (`-1` is yesterday), so that the data is as fresh as the clock. Ids count from 1 in the order of the arrays.
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
  dealLabels: Option[]
  dealCustomFields: CustomField[]
  pipelines: PipelineSeed[]
  organizations: OrganizationSeed[]
  persons: PersonSeed[]
  deals: DealSeed[]
  activities: ActivitySeed[]
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
}

export type ActivityTypeSeed = [key: string, name: string, kind?: 'custom' | 'inactive']
export type CurrencySeed = [code: string, name: string, symbol: string, decimals?: number, state?: 'inactive']

export interface PipelineSeed {
  name: string
  withProbability?: true
  /** Name and probability of each stage, in order. */
  stages: [name: string, probability: number][]
}

interface OwnedSeed {
  owner: number
  visible?: number
  added: number
}

export interface OrganizationSeed extends OwnedSeed {
  name: string
  address?: string
  website?: string
  employees?: number
}

export interface PersonSeed extends OwnedSeed {
  name: string
  org?: number
  emails?: [value: string, label?: string][]
  phones?: [value: string, label?: string][]
  deleted?: number
}

export interface DealSeed extends OwnedSeed {
  title: string
  /** Who created it, when that was not the owner. */
  creator?: number
  person?: number
  org?: number
  /** The id of the stage, which says the pipeline. */
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
  followers?: number[]
  counts?: Partial<Pick<DealRow, 'products_count' | 'files_count' | 'notes_count' | 'email_messages_count'>>
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
