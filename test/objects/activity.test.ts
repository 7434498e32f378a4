import { expect } from 'vitest'
import { activity } from '../../src/catalog/objects/activity.ts'
import { describeObject } from './object-suite.ts'

let someLead = ''

describeObject({
  object: activity,
  parents: async (_, { pipedrive }) => {
    const [lead] = (await pipedrive('GET', '/api/v1/leads')) as unknown as { id: string }[]
    someLead = lead!.id
    return {}
  },
  samples: ({ person }) => ({
    type: { sent: 'call' },
    due_date: { sent: '2026-12-24' },
    due_time: { sent: '09:30' },
    duration: { sent: '01:30' },
    lead_id: { sent: someLead },
    location: {
      sent: 'Storgata 1, Oslo',
      written: { value: 'Storgata 1, Oslo' },
      shown: expect.objectContaining({ value: 'Storgata 1, Oslo' }),
    },
    participants: { sent: [{ person_id: person, primary: true }] },
    attendees: { sent: [{ email: 'ada@example.com' }], shown: [expect.objectContaining({ email: 'ada@example.com' })] },
  }),
  effects: ['participants', 'person_id', 'marked_as_done_time', 'org_id', 'lead_id', 'deal_id'],
})
