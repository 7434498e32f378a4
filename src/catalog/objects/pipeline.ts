import { boolean, fixed, integer, readOnly, required, string, time } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A pipeline: an order of stages. */
export const pipeline = defineObject({
  name: 'pipeline',
  plural: 'pipelines',
  set: 'settings',
  operations: ['get', 'list', 'create', 'update', 'delete'],
  list: { sortBy: ['id', 'add_time', 'update_time'] },
  fields: {
    name: required(fixed(string())),
    is_deal_probability_enabled: boolean(),
    order_nr: readOnly(integer()),
    is_deleted: readOnly(boolean()),
    add_time: time(),
    update_time: time(),
  },
})
