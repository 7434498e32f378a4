import { advanced, boolean, fixed, leadReference, link, readOnly, reference, required, string, time } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A note on a deal, a lead, a person or an organization, as HTML. API v1 has notes. */
export const note = defineObject({
  name: 'note',
  plural: 'notes',
  set: 'notes',
  operations: ['get', 'list', 'create', 'update', 'delete'],
  list: { updated: 'since' },
  fields: {
    content: required(fixed(string())),
    deal_id: fixed(link('deal')),
    lead_id: leadReference(),
    person_id: fixed(link('person')),
    org_id: fixed(link('organization')),
    user_id: link('user'),
    project_id: advanced(readOnly(reference())),
    pinned_to_deal_flag: advanced(boolean()),
    pinned_to_lead_flag: advanced(boolean()),
    pinned_to_person_flag: advanced(boolean()),
    pinned_to_organization_flag: advanced(boolean()),
    last_update_user_id: advanced(readOnly(reference())),
    add_time: time(),
    update_time: time(),
  },
})
