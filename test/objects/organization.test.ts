import { expect } from 'vitest'
import { organization } from '../../src/catalog/objects/organization.ts'
import { describeObject } from './object-suite.ts'

describeObject({
  object: organization,
  samples: () => ({
    address: { sent: { value: 'Storgata 1, Oslo' }, shown: expect.objectContaining({ value: 'Storgata 1, Oslo' }) },
    label_ids: { sent: [] },
  }),
})
