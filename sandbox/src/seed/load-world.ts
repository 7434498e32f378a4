import type { Company, ApiKey, Tables, User, World } from '../state/company.ts'
import { Table } from '../state/table.ts'
import { generate } from './generate.ts'
import { loadRecords } from './load-records.ts'
import type { Seed } from './read-seed.ts'
import { standardCompanies } from './standard-companies.ts'
import type { CompanySeed, UserSeed } from './company-seed.ts'
import { daysFrom, type Days } from './relative-days.ts'

const toUser = (seed: UserSeed, { time, seconds }: Days): User => ({
  id: seed.id,
  name: seed.name,
  email: seed.email,
  phone: seed.phone ?? null,
  locale: seed.locale,
  timezone_name: seed.zone,
  default_currency: seed.currency,
  active_flag: !seed.inactive,
  is_admin: seed.admin ?? false,
  group_id: seed.group,
  created: time(400),
  modified: time(3),
  followers: seed.followers.map((user_id) => ({ user_id, since: seconds(30) })),
})

/** The tables of a company, empty. */
export const createTables = (): Tables => ({
  pipelines: new Table([], 'pipelines'),
  stages: new Table(['pipeline_id'], 'stages'),
  deals: new Table(['person_id', 'org_id', 'stage_id'], 'deals'),
  activities: new Table(['deal_id', 'lead_id', 'person_id', 'org_id'], 'activities'),
  persons: new Table(['org_id'], 'persons'),
  organizations: new Table([], 'organizations'),
  fields: new Table(['entity', 'code'], 'fields'),
  products: new Table([], 'products'),
  dealProducts: new Table(['deal_id', 'product_id'], 'dealProducts'),
  variations: new Table(['product_id'], 'variations'),
  discounts: new Table(['deal_id', 'uuid'], 'discounts'),
  installments: new Table(['deal_id'], 'installments'),
  notes: new Table(['deal_id', 'lead_id', 'person_id', 'org_id'], 'notes'),
  leads: new Table(['uuid', 'person_id', 'organization_id'], 'leads'),
  leadLabels: new Table(['uuid'], 'leadLabels'),
  participants: new Table(['deal_id', 'person_id'], 'participants'),
  conversions: new Table(['uuid'], 'conversions'),
  changes: new Table(['record'], 'changes'),
  webhooks: new Table([], 'webhooks'),
  webhookDeliveries: new Table([], 'webhookDeliveries'),
})

function loadCompany(seed: CompanySeed, days: Days): Company {
  const company: Company = {
    id: seed.id,
    name: seed.name,
    domain: seed.domain,
    country: seed.country,
    language: seed.language,
    plan: seed.plan,
    users: new Map(seed.users.map((user) => [user.id, toUser(user, days)])),
    groups: new Map(seed.groups.map((group) => [group.id, group])),
    activityTypes: seed.activityTypes.map(({ key, name, custom, inactive }, at) => ({
      id: at + 1,
      order_nr: at + 1,
      name,
      key_string: key,
      icon_key: custom ? 'signpost' : key,
      active_flag: !inactive,
      color: null,
      is_custom_flag: custom,
      add_time: days.time(400),
      update_time: inactive ? days.time(30) : null,
    })),
    currencies: seed.currencies.map(({ code, name, symbol, decimals, inactive }, at) => ({
      id: at + 1,
      code,
      name,
      decimal_points: decimals,
      symbol,
      active_flag: !inactive,
      is_custom_flag: false,
    })),
    ...createTables(),
  }
  loadRecords(company, seed, days)
  return company
}

/** The keys and companies of a new sandbox. The same time always gives the same data. */
export function loadWorld(nowSeconds: number, { companies = standardCompanies(), generate: generation }: Seed = {}): World {
  const days = daysFrom(nowSeconds)
  return new Map(
    companies.flatMap((seed, at) => {
      // A copy, so that changes in one sandbox do not reach the next.
      const company = loadCompany(structuredClone(seed), days)
      if (generation && at === 0) generate(company, generation, days)
      return seed.users.flatMap((user): [string, ApiKey][] =>
        user.key ? [[user.key, { key: user.key, company, user: company.users.get(user.id)! }]] : [],
      )
    }),
  )
}

/** An empty company. */
export const emptyCompany = (): Company => ({
  id: 0,
  name: '',
  domain: '',
  country: '',
  language: 'en',
  plan: { name: '', visibility: {}, burst: 0, multiplier: 0 },
  users: new Map(),
  groups: new Map(),
  activityTypes: [],
  currencies: [],
  ...createTables(),
})
