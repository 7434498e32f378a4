import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import {
  advanced,
  amountIn,
  boolean,
  currencyIn,
  date,
  integer,
  link,
  readOnly,
  reference,
  required,
  string,
  time,
  updateOnly,
  uuidLabels,
  visibility,
} from '../fields/field-words.ts'
import { defineObject, type FieldValues } from './define-object.ts'
import type { OperationContext } from '../define.ts'

/** API v1 takes an amount and its currency as one value, and visible_to as text. */
async function prepare({ value, currency, visible_to, ...values }: FieldValues, { referenceData }: OperationContext): Promise<FieldValues> {
  if (currency !== undefined && value === undefined)
    throw new InvalidInput([{ field: 'currency', message: 'needs value beside it: Pipedrive keeps both as one' }])
  return {
    ...values,
    ...(value !== undefined && {
      value: { amount: value, currency: currency ?? (await referenceData.me()).default_currency ?? 'USD' },
    }),
    ...(typeof visible_to === 'number' && { visible_to: String(visible_to) }),
  }
}

/** A lead: what may become a deal. API v1 has leads, with UUIDs as ids. */
export const lead = defineObject({
  name: 'lead',
  plural: 'leads',
  set: 'leads',
  ids: 'uuid',
  operations: ['get', 'list', 'search', 'find', 'create', 'update', 'delete', 'findOrCreate', 'createOrUpdate'],
  search: ['title', 'notes', 'custom_fields'],
  findBy: ['title'],
  list: { filterId: true, updated: 'since' },
  customFields: true,
  prepare,
  fields: {
    title: required(string()),
    person_id: link('person'),
    organization_id: link('organization'),
    owner_id: link('user'),
    value: amountIn('value'),
    currency: currencyIn('value'),
    expected_close_date: { ...date(), clear: null },
    label_ids: uuidLabels(),
    visible_to: visibility(),
    is_archived: updateOnly(boolean()),
    was_seen: advanced(boolean()),
    channel: advanced(integer()),
    channel_id: advanced(string()),
    creator_id: readOnly(reference()),
    source_name: readOnly(string()),
    origin: advanced(readOnly(string())),
    source_deal_id: advanced(readOnly(reference())),
    next_activity_id: readOnly(reference()),
    add_time: time(),
    update_time: time(),
  },
})
