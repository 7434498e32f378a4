import type { Company } from '../state/company.ts'
import { customFieldsOf, type FieldRow, labelsOf, liveOptions } from '../state/fields.ts'
import type { CustomValues } from '../state/records.ts'
import type { Days } from './relative-days.ts'
import { loadActivity, loadDeal, loadOrganization, loadPerson } from './load-records.ts'
import { createRandom, type Random } from '../random.ts'

/** A Generation is the number of deals to generate, and the seed of the random choices. */
export interface Generation {
  deals: number
  random?: number | undefined
}

/** Persons, organizations and activities per deal. */
const PERSONS = 0.5
const ORGANIZATIONS = 0.2
const ACTIVITIES = 1
/** The oldest record is two years old. */
const OLDEST_DAYS = 730
const WON = 0.25
const LOST = 0.2

const firstNames =
  'Ada Aiko Amir Anna Bruno Chen Dana Elif Emil Fatima Hugo Ines Ivan Jana Kofi Lena Mateo Nadia Olga Pavel Rosa Sami Tove Yuki'.split(' ')
const lastNames =
  'Abe Berg Costa Dahl Evans Fischer Garcia Haas Ito Jensen Kaya Lopez Meyer Novak Okafor Patel Rossi Sato Tanaka Vogel Weber Young'.split(
    ' ',
  )
const tradeNames =
  'Alder Baltic Cedar Delta Ember Fjord Granite Harbor Iris Juniper Kestrel Lumen Maple Nordic Onyx Prairie Quartz River Summit Tidal'.split(
    ' ',
  )
const trades = 'Bakeries Books Clinics Foods Freight Glass Hotels Labs Logistics Media Optics Paper Robotics Schools Tools Travel'.split(
  ' ',
)
const things = ['Office fit-out', 'Annual licence', 'Pilot project', 'Extension', 'Renewal', 'Spare parts', 'Training', 'Installation']
const subjects = ['First call', 'Send the offer', 'Follow up', 'Visit on site', 'Go through the contract', 'Demo', 'Ask for references']
const lostReasons = ['Price', 'No budget', 'Went with a competitor', 'No answer']

/** A random value of a custom field; null for all other types. */
function valueOf(field: FieldRow, random: Random, currency: string, days: Days): unknown {
  const options = liveOptions(field)
  switch (field.type) {
    case 'varchar':
      return `X-${random.whole(1000, 9999)}`
    case 'double':
      return random.whole(1, 5000) / 2
    case 'monetary':
      return { value: random.whole(1, 9000), currency }
    case 'date':
      return days.date(random.whole(-90, 90))
    case 'enum':
      return options.length > 0 ? random.pick(options).id : null
    case 'set':
      return options.length > 0 ? [random.pick(options).id] : null
    default:
      return null
  }
}

/** Adds generated records to a company; the same seed generates the same ones. Ids increase with the creation time. */
export function generate(company: Company, { deals, random: seed = 1 }: Generation, days: Days): void {
  const random = createRandom(seed)
  const { pick, whole, chance } = random
  const users = [...company.users.values()].filter(({ active_flag }) => active_flag).map(({ id }) => id)
  const currencies = company.currencies.filter(({ active_flag }) => active_flag).map(({ code }) => code)
  const types = company.activityTypes.filter(({ active_flag }) => active_flag).map(({ key_string }) => key_string)
  const stages = [...company.stages.walk()].map(({ id }) => id)
  const fields = customFieldsOf(company, 'deal')
  const labels = labelsOf(company, 'deal').map(({ id }) => id as number)
  const age = (at: number, of: number) => OLDEST_DAYS * (1 - at / of)
  /** A time after the creation, more likely an early one. */
  const later = (added: number) => added * (1 - random.next() ** 2)
  const custom = (currency: string): CustomValues =>
    fields.length > 0 && chance(0.3)
      ? Object.fromEntries([pick(fields)].map((field) => [field.code, valueOf(field, random, currency, days)]))
      : {}

  const [firstOrganization, firstPerson, firstDeal] = [
    company.organizations.lastId + 1,
    company.persons.lastId + 1,
    company.deals.lastId + 1,
  ]
  const organizations = Math.ceil(deals * ORGANIZATIONS)
  const persons = Math.ceil(deals * PERSONS)
  const activities = Math.ceil(deals * ACTIVITIES)

  for (let at = 0; at < organizations; at++)
    loadOrganization(
      company,
      {
        name: `${pick(tradeNames)} ${pick(trades)} ${at + 1}`,
        owner: pick(users),
        added: age(at, organizations),
        employees: whole(1, 500),
      },
      days,
    )
  for (let at = 0; at < persons; at++) {
    const [first, last] = [pick(firstNames), pick(lastNames)]
    loadPerson(
      company,
      {
        name: `${first} ${last}`,
        owner: pick(users),
        added: age(at, persons),
        ...(chance(0.8) && { org: firstOrganization + whole(0, organizations - 1) }),
        emails: [[`${first}.${last}.${at + 1}@example.com`.toLowerCase()]],
        ...(chance(0.5) && { phones: [[`+1 555 ${String(at).padStart(7, '0')}`]] }),
      },
      days,
    )
  }
  for (let at = 0; at < deals; at++) {
    const added = age(at, deals)
    const person = firstPerson + whole(0, persons - 1)
    const currency = pick(currencies)
    const fate = random.next()
    loadDeal(
      company,
      {
        title: `${pick(things)} ${at + 1}`,
        owner: pick(users),
        added,
        person,
        org: company.persons.get(person)?.org_id ?? firstOrganization + whole(0, organizations - 1),
        stage: pick(stages),
        value: whole(10, 500_000) / 10,
        currency,
        ...(fate < WON && { won: later(added) }),
        ...(fate >= WON && fate < WON + LOST && { lost: later(added), lostReason: pick(lostReasons) }),
        ...(fate >= WON + LOST && { updated: later(added), expected: whole(-20, 120) }),
        ...(labels.length > 0 && chance(0.3) && { labels: [pick(labels)] }),
        custom: custom(currency),
      },
      days,
    )
  }
  for (let at = 0; at < activities; at++) {
    const added = age(at, activities)
    const deal = company.deals.get(firstDeal + whole(0, deals - 1))!
    const done = chance(0.6)
    loadActivity(
      company,
      {
        subject: pick(subjects),
        type: pick(types),
        owner: deal.owner_id,
        deal: deal.id,
        ...(deal.person_id !== null && { person: deal.person_id }),
        ...(deal.org_id !== null && { org: deal.org_id }),
        added,
        due: done ? -Math.ceil(later(added)) : whole(-10, 60),
        ...(done && { done: later(added) }),
        ...(chance(0.4) && { time: `${String(whole(8, 17)).padStart(2, '0')}:00`, duration: '00:30' }),
      },
      days,
    )
  }
}
