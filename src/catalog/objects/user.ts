import { boolean, readOnly, string, time } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A user of the company. API v1 has users, and its list has no pages. */
export const user = defineObject({
  name: 'user',
  plural: 'users',
  set: 'settings',
  operations: ['get', 'list'],
  fields: {
    name: readOnly(string()),
    email: readOnly(string()),
    active_flag: readOnly(boolean()),
    is_admin: readOnly(boolean()),
    phone: readOnly(string()),
    locale: readOnly(string()),
    timezone_name: readOnly(string()),
    default_currency: readOnly(string()),
    last_login: time(),
    created: time(),
    modified: time(),
  },
})
