import {
  advanced,
  boolean,
  choice,
  date,
  fixed,
  integer,
  number,
  participantPerson,
  readOnly,
  reference,
  required,
  string,
  text,
  time,
} from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

const ofDeal = { key: 'deal_id', path: 'deals', choices: 'ListDeals' }

/** A product on a deal, with its price there. */
export const dealProduct = defineObject({
  name: 'dealProduct',
  plural: 'products',
  set: 'deals',
  parent: ofDeal,
  operations: ['list', 'create', 'update', 'delete'],
  list: { sortBy: ['id', 'add_time', 'update_time', 'order_nr'] },
  fields: {
    product_id: required(fixed(reference())),
    item_price: required(fixed(number())),
    quantity: required(fixed(number())),
    name: readOnly(string()),
    discount: fixed(number()),
    discount_type: choice(['percentage', 'amount']),
    tax: fixed(number()),
    tax_method: choice(['exclusive', 'inclusive', 'none']),
    comments: text(),
    is_enabled: boolean(),
    product_variation_id: advanced(reference()),
    billing_frequency: advanced(choice(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly'])),
    billing_frequency_cycles: advanced(fixed(integer())),
    billing_start_date: advanced({ ...date(), clear: null }),
    sum: readOnly(number()),
    currency: readOnly(string()),
    order_nr: readOnly(integer()),
    add_time: time(),
    update_time: time(),
  },
})

/** A discount on the sum of a deal. */
export const dealDiscount = defineObject({
  name: 'dealDiscount',
  plural: 'discounts',
  set: 'deals',
  parent: ofDeal,
  ids: 'uuid',
  operations: ['list', 'create', 'update', 'delete'],
  fields: {
    description: required(fixed(string())),
    amount: required(fixed(number())),
    type: required(choice(['percentage', 'amount'])),
    created_at: time(),
    updated_at: time(),
  },
})

/** A part of the value of a deal that is billed on its own day. */
export const dealInstallment = defineObject({
  name: 'dealInstallment',
  plural: 'installments',
  set: 'deals',
  parent: ofDeal,
  operations: ['list', 'create', 'update', 'delete'],
  list: { sortBy: ['id', 'billing_date'] },
  fields: { description: required(fixed(string())), amount: required(fixed(number())), billing_date: required(fixed(date())) },
})

/** A person who takes part in a deal. API v1 has participants. */
export const dealParticipant = defineObject({
  name: 'dealParticipant',
  plural: 'participants',
  set: 'deals',
  parent: ofDeal,
  operations: ['list', 'create', 'delete'],
  fields: { person_id: required(fixed(participantPerson())), add_time: time() },
})
