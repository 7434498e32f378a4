import { brightwaterActivities } from './brightwater-activities.ts'
import { brightwaterContacts } from './brightwater-contacts.ts'
import { brightwaterDeals } from './brightwater-deals.ts'
import { brightwaterFields } from './brightwater-fields.ts'
import { users } from './brightwater-ids.ts'
import { brightwaterProducts } from './brightwater-products.ts'
import { brightwaterNotes } from './brightwater-notes.ts'
import type { CompanySeed } from './seed.ts'

/** Furnishes offices all over Europe. A small plan: two levels of visibility. */
export const brightwater: CompanySeed = {
  id: 13204417,
  name: 'Brightwater Interiors',
  domain: 'brightwater',
  country: 'SE',
  language: 'en',
  plan: { name: 'Growth', visibility: { 1: 'Owner & followers', 3: 'Entire company' }, burst: 40, multiplier: 2 },
  groups: [{ id: 1, name: 'Default visibility group', parent_id: null }],
  users: [
    {
      id: users.alice,
      name: 'Alice Andersson',
      email: 'alice@brightwater.example',
      key: 'sandbox-alice',
      phone: '+46 8 555 010 01',
      locale: 'en_GB',
      zone: 'Europe/Stockholm',
      currency: 'EUR',
      admin: true,
      group: 1,
      followers: [users.bob],
    },
    {
      id: users.bob,
      name: 'Bob Becker',
      email: 'bob@brightwater.example',
      key: 'sandbox-bob',
      locale: 'en_US',
      zone: 'America/New_York',
      currency: 'USD',
      group: 1,
    },
    {
      id: users.chloe,
      name: 'Chloé Martin',
      email: 'chloe@brightwater.example',
      locale: 'fr_FR',
      zone: 'Europe/Paris',
      currency: 'EUR',
      group: 1,
    },
    {
      id: users.diego,
      name: 'Diego Ramos',
      email: 'diego@brightwater.example',
      locale: 'es_ES',
      zone: 'Europe/Madrid',
      currency: 'EUR',
      group: 1,
    },
    { id: users.emi, name: '田中 恵美', email: 'emi@brightwater.example', locale: 'ja_JP', zone: 'Asia/Tokyo', currency: 'JPY', group: 1 },
    {
      id: users.frank,
      name: 'Frank Novak',
      email: 'frank@brightwater.example',
      locale: 'en_GB',
      zone: 'Europe/Prague',
      currency: 'EUR',
      inactive: true,
      group: 1,
    },
    {
      id: users.grace,
      name: "Grace O'Neill",
      email: 'grace@brightwater.example',
      locale: 'en_IE',
      zone: 'Europe/Dublin',
      currency: 'EUR',
      group: 1,
    },
  ],
  activityTypes: [
    ['call', 'Call'],
    ['meeting', 'Meeting'],
    ['task', 'Task'],
    ['deadline', 'Deadline'],
    ['email', 'Email'],
    ['lunch', 'Lunch'],
    ['site_visit', 'Site visit', 'custom'],
    ['trade_fair', 'Trade fair', 'inactive'],
  ],
  currencies: [
    ['EUR', 'Euro', '€'],
    ['USD', 'US Dollar', '$'],
    ['GBP', 'Pound Sterling', '£'],
    ['SEK', 'Swedish Krona', 'kr'],
    ['CHF', 'Swiss Franc', 'CHF'],
    ['JPY', 'Japanese Yen', '¥', 0],
    ['EEK', 'Estonian Kroon', 'kr', 2, 'inactive'],
  ],
  ...brightwaterFields,
  products: brightwaterProducts,
  pipelines: [
    {
      name: 'Sales',
      stages: [
        ['Qualified', 20],
        ['Contact made', 35],
        ['Showroom visit', 50],
        ['Proposal made', 70],
        ['Negotiations started', 90],
      ],
    },
    {
      name: 'Partners',
      stages: [
        ['Lead in', 100],
        ['First meeting', 100],
        ['Contract sent', 100],
        ['Onboarding', 100],
      ],
    },
    {
      name: 'Maintenance renewals',
      withProbability: true,
      stages: [
        ['Due', 80],
        ['Offer sent', 85],
        ['Terms agreed', 95],
        ['Signed', 100],
      ],
    },
  ],
  ...brightwaterContacts,
  deals: brightwaterDeals,
  activities: brightwaterActivities,
  ...brightwaterNotes,
}
