import { note } from '../../src/catalog/objects/note.ts'
import { describeObject } from './object-suite.ts'

let someLead = ''

describeObject({
  object: note,
  always: ({ deal }) => ({ deal_id: deal }),
  parents: async (_, { pipedrive }) => {
    const [lead] = (await pipedrive('GET', '/api/v1/leads')) as unknown as { id: string }[]
    someLead = lead!.id
    return {}
  },
  samples: () => ({ lead_id: { sent: someLead } }),
  effects: ['user', 'last_update_user_id', 'person', 'person_id', 'organization', 'org_id', 'deal', 'deal_id', 'lead', 'lead_id'],
})
