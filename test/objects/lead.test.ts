import { lead } from '../../src/catalog/objects/lead.ts'
import { describeObject } from './object-suite.ts'

describeObject({
  object: lead,
  always: ({ person, organization }) => ({ person_id: person, organization_id: organization }),
  beside: { currency: { value: 12 } },
  effects: ['value', 'currency', 'cc_email'],
  samples: () => ({
    value: { sent: 12.5 },
    currency: { sent: 'EUR' },
    label_ids: { sent: [] },
  }),
})
