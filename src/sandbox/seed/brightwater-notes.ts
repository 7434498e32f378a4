import { users } from './brightwater-ids.ts'
import type { CompanySeed } from './seed.ts'

const { alice, bob, chloe, diego, grace } = users

const hot = 'f3b0c442-6a5e-11f1-8d41-2f9c5e7a1b01'
const cold = 'f3b0c443-6a5e-11f1-8d41-2f9c5e7a1b02'
/** An activity is about this one. */
const website = '2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55'

/** What was written down: on deals, and on a lead. */
export const brightwaterNotes: Required<Pick<CompanySeed, 'notes' | 'leads' | 'leadLabels'>> = {
  leadLabels: [
    { id: hot, name: 'Hot', color: 'red' },
    { id: cold, name: 'Cold', color: 'blue' },
  ],
  leads: [
    {
      id: website,
      title: 'Request for 40 desks',
      owner: grace,
      person: 10,
      org: 10,
      value: 18200,
      added: 9,
      labels: [hot],
      source: 'Web forms',
    },
    { title: 'Trade fair contact: Camille', owner: chloe, person: 3, org: 3, added: 17, visible: 1, followers: [bob], seen: true },
    { title: 'Priya, second office', owner: diego, person: 13, value: 5400, currency: 'GBP', added: 6, expected: 45, visible: 1 },
    { title: 'Old catalogue request', owner: alice, org: 9, added: 120, labels: [cold], archived: true, seen: true },
  ],
  notes: [
    { content: '<p>Oak, not walnut. Jane insists.</p>', user: alice, deal: 1, added: 85, pinned: ['deal'] },
    { content: '<p>Lifts are out of order until spring: carry everything.</p>', user: bob, deal: 1, added: 60 },
    { content: '<p>Assembly fee agreed at 4,200 EUR</p>', user: alice, deal: 1, added: 14 },
    { content: '<p>見積書は月末までに</p>', user: alice, deal: 1, added: 6 },
    { content: '<p>Marble samples are at the front desk</p>', user: bob, deal: 2, added: 40 },
    { content: '<p>Asked for delivery before the school holidays</p>', user: grace, lead: website, added: 8 },
  ],
}
