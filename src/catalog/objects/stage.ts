import { boolean, fixed, integer, number, pipelineReference, readOnly, required, string, time } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A stage of a pipeline. */
export const stage = defineObject({
  name: 'stage',
  plural: 'stages',
  set: 'settings',
  operations: ['get', 'list', 'create', 'update', 'delete'],
  list: { sortBy: ['id', 'add_time', 'update_time', 'order_nr'] },
  fields: {
    name: required(fixed(string())),
    pipeline_id: required(pipelineReference()),
    deal_probability: fixed(number()),
    is_deal_rot_enabled: boolean(),
    days_to_rotten: integer(),
    order_nr: readOnly(integer()),
    is_deleted: readOnly(boolean()),
    add_time: time(),
    update_time: time(),
  },
})
