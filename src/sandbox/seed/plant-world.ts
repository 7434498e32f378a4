import type { Company, Key, User, World } from '../state/company.ts'
import { Table } from '../state/table.ts'
import { brightwater } from './brightwater.ts'
import { kranich } from './kranich.ts'
import { plantRecords } from './plant-records.ts'
import type { CompanySeed, UserSeed } from './seed.ts'
import { daysFrom, type Days } from './days.ts'

const toUser = (seed: UserSeed, { time }: Days): User => ({
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
})

function plantCompany(seed: CompanySeed, days: Days): Company {
  const company: Company = {
    id: seed.id,
    name: seed.name,
    domain: seed.domain,
    country: seed.country,
    language: seed.language,
    plan: seed.plan,
    users: new Map(seed.users.map((user) => [user.id, toUser(user, days)])),
    groups: new Map(seed.groups.map((group) => [group.id, group])),
    activityTypes: seed.activityTypes.map(([key_string, name, kind], at) => ({
      id: at + 1,
      order_nr: at + 1,
      name,
      key_string,
      icon_key: kind === 'custom' ? 'sites' : key_string,
      active_flag: kind !== 'inactive',
      color: null,
      is_custom_flag: kind !== undefined,
      add_time: days.time(400),
      update_time: kind === 'inactive' ? days.time(30) : null,
    })),
    currencies: seed.currencies.map(([code, name, symbol, decimal_points = 2, state], at) => ({
      id: at + 1,
      code,
      name,
      decimal_points,
      symbol,
      active_flag: state !== 'inactive',
      is_custom_flag: false,
    })),
    dealLabels: seed.dealLabels,
    dealCustomFields: seed.dealCustomFields,
    pipelines: new Table(),
    stages: new Table(['pipeline_id']),
    deals: new Table(['person_id', 'org_id', 'stage_id']),
    activities: new Table(['deal_id', 'person_id', 'org_id']),
    persons: new Table(['org_id']),
    organizations: new Table(),
  }
  plantRecords(company, seed, days)
  return company
}

/** The keys of a fresh sandbox, and behind them the companies. The same second always grows the same world. */
export function plantWorld(nowSeconds: number): World {
  const days = daysFrom(nowSeconds)
  return new Map(
    [brightwater, kranich].flatMap((seed) => {
      const company = plantCompany(seed, days)
      return seed.users.flatMap((user): [string, Key][] =>
        user.key ? [[user.key, { key: user.key, company, user: company.users.get(user.id)! }]] : [],
      )
    }),
  )
}
