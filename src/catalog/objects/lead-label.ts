import { choice, fixed, required, string, time } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A label that leads can have. */
export const leadLabel = defineObject({
  name: 'leadLabel',
  plural: 'lead-labels',
  set: 'leads',
  ids: 'uuid',
  operations: ['list', 'create', 'update', 'delete'],
  fields: {
    name: required(fixed(string())),
    color: required(choice(['blue', 'brown', 'dark-gray', 'gray', 'green', 'orange', 'pink', 'purple', 'red', 'yellow'])),
    add_time: time(),
    update_time: time(),
  },
})
