import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { isObject } from '../../kit/is-object.ts'
import type { UpstreamRow } from '../../pipedrive/pipedrive.ts'
import { CLEAR_FIELDS, writeBody } from '../body-fields.ts'
import { BadCustomValue } from '../custom-fields/custom-field-types.ts'
import { userIdOf, withClearedFields, writeCustomFields } from '../custom-fields/write-custom-fields.ts'
import type { OperationContext } from '../define.ts'
import { resolveVisibility } from '../fields/resolve-visibility.ts'
import type { CatalogObject, FieldValues } from './define-object.ts'

/** The body of a create, or of an update of `before`. All errors in the values are found here, before anything is written. */
export async function recordBody(
  object: CatalogObject,
  given: FieldValues,
  context: OperationContext,
  before?: UpstreamRow,
): Promise<FieldValues> {
  const { writable, customFields, prepare } = object
  const [users, visible_to, custom] = await Promise.all([
    usersByEmail(object, given, context),
    resolveVisibility(given['visible_to'], context),
    customFields && writeCustomFields(object.name, withClearedFields(given, writable), context),
  ])
  const values: FieldValues = {
    ...given,
    ...users,
    ...(visible_to !== undefined && { visible_to }),
    ...(custom !== undefined && { custom_fields: custom }),
    ...primaryContacts(object, given, before),
  }
  return writeBody(writable, prepare ? await prepare(values, context, before) : values)
}

/** Users that were given by e-mail address, as ids. */
async function usersByEmail({ fields }: CatalogObject, given: FieldValues, context: OperationContext): Promise<FieldValues> {
  const found: Record<string, unknown> = {}
  for (const [name, { link }] of Object.entries(fields)) {
    const value = given[name]
    if (link === 'user' && typeof value === 'string') found[name] = await userIdOf(value, context).catch(atField(name))
  }
  return found
}

const atField = (field: string) => (error: unknown) => {
  if (!(error instanceof BadCustomValue)) throw error
  throw new InvalidInput([{ field, message: error.message }])
}

/** An update replaces the primary contact of a list, and keeps the others. */
function primaryContacts({ fields }: CatalogObject, given: FieldValues, before: UpstreamRow | undefined): FieldValues {
  const lists: Record<string, unknown> = {}
  for (const [name, { primaryOf: list }] of Object.entries(fields)) {
    if (list === undefined || given[name] === undefined || before === undefined) continue
    if (given[list] !== undefined)
      throw new InvalidInput([{ field: name, message: `contradicts ${list}, which replaces all of them. Send one of them` }])
    const contacts = (Array.isArray(before[list]) ? before[list] : []).filter(isObject)
    const place = Math.max(
      0,
      contacts.findIndex(({ primary }) => primary === true),
    )
    const changed = { label: 'work', ...contacts[place], value: given[name], primary: true }
    lists[list] = contacts.length === 0 ? [changed] : contacts.map((contact, index) => (index === place ? changed : contact))
    lists[name] = undefined
  }
  return lists
}

/** Whether an update needs the record as it is. */
export const needsBefore = ({ fields, includes }: CatalogObject, given: FieldValues): boolean =>
  includes.length > 0 || Object.entries(fields).some(([name, { primaryOf }]) => primaryOf !== undefined && given[name] !== undefined)

/** Whether an update says nothing. */
export const isEmptyChange = ({ writable }: CatalogObject, given: FieldValues): boolean => {
  const cleared = given[CLEAR_FIELDS]
  return Object.keys(writable).every((name) => given[name] === undefined) && !(Array.isArray(cleared) && cleared.length > 0)
}
