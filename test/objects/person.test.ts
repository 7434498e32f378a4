import { expect } from 'vitest'
import { person } from '../../src/catalog/objects/person.ts'
import { describeObject } from './object-suite.ts'

const contact = { value: 'ada@example.com', label: 'home', primary: true }
describeObject({
  object: person,
  samples: () => ({
    email: { sent: 'ada@example.com' },
    phone: { sent: '+4712345678' },
    emails: { sent: [contact] },
    phones: { sent: [{ ...contact, value: '+4712345678' }] },
    im: { sent: [{ value: 'ada', label: 'skype', primary: true }] },
    postal_address: { sent: { value: 'Storgata 1, Oslo' }, shown: expect.objectContaining({ value: 'Storgata 1, Oslo' }) },
    label_ids: { sent: [] },
  }),
})
