import { isObject } from '../../kit/is-object.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { nearest } from '../../kit/nearest.ts'
import type { Detail } from '../../kit/errors/dealbridge-error.ts'
import type { V2DealField } from '../../pipedrive/api-types.ts'
import type { ResourceName } from '../../pipedrive/resources.ts'
import { CLEAR_FIELDS } from '../body-fields.ts'
import type { BodyFields, OperationContext } from '../define.ts'
import { BadCustomValue, customFieldTypes, type WriteContext } from './custom-field-types.ts'

/** The code of a custom field: 40 hexadecimal digits. */
const CODE = /^[0-9a-f]{40}$/
const NAMES_SHOWN = 20

/** The fields with this code or exact name, else with the name in any case: more than one means that a name is shared. */
export function fieldsNamed(fields: readonly V2DealField[], key: string): V2DealField[] {
  const exact = fields.filter(({ field_code: code, field_name: name }) => code === key || name === key)
  const wanted = key.trim().toLowerCase()
  return exact.length > 0 ? exact : fields.filter(({ field_name: name }) => name.trim().toLowerCase() === wanted)
}

/** Whether all names and options exist; else they may be newer than the definitions. */
const isComplete = (fields: readonly V2DealField[], values: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(values).every(([key, value]) => {
    const [field] = fieldsNamed(fields, key)
    if (!field) return false
    if (field.field_type !== 'enum' && field.field_type !== 'set') return true
    const known = new Set((field.options ?? []).flatMap(({ id, label }) => [String(id), label.toLowerCase()]))
    const labels: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value]
    return isEmpty(value) || labels.every((label) => known.has(String(label).trim().toLowerCase()))
  })

const isEmpty = (value: unknown): boolean => value === null || value === undefined || (typeof value === 'string' && value.trim() === '')

/**
 * The custom fields of a body, by code. Keys are codes, names, or names in any case. Values under names take labels for options, and texts
 * where API v2 wants objects; null and empty values clear. If all keys are codes, the object is what API v2 takes, and goes there unchanged: that
 * costs no look-up. Throws InvalidInput with all errors; nothing is written then.
 */
export async function writeCustomFields(
  object: ResourceName,
  values: Readonly<Record<string, unknown>> | undefined,
  { referenceData }: Pick<OperationContext, 'referenceData'>,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (values === undefined || Object.keys(values).every((key) => CODE.test(key))) return values
  const fields = await referenceData.customFields(object, (known) => isComplete(known, values))
  const context: WriteContext = {
    defaultCurrency: async () => (await referenceData.me()).default_currency ?? 'USD',
    userId: (emailOrName) => userIdOf(emailOrName, { referenceData }),
  }
  const body: Record<string, unknown> = {}
  const details: Detail[] = []
  for (const [key, value] of Object.entries(values)) {
    const field = `custom_fields.${key.slice(0, 100)}`
    const found = fieldsNamed(fields, key)
    const [definition] = found
    if (!definition) details.push({ field, message: unknownName(key, fields, object) })
    else if (found.length > 1)
      details.push({
        field,
        message: `is the name of ${found.length} fields; use a code: ${found.map(({ field_code: code }) => code).join(' or ')}`,
      })
    else if (definition.field_code in body) details.push({ field, message: `is the same field as another key here; send one of them` })
    else
      try {
        const write = customFieldTypes[definition.field_type]
        body[definition.field_code] = isEmpty(value) ? null : write ? await write(value, definition, context) : value
      } catch (error) {
        if (!(error instanceof BadCustomValue)) throw error
        details.push({ field, message: error.message })
      }
  }
  if (details.length > 0) throw new InvalidInput(details)
  return body
}

/** The custom fields of a body, with null for those that `clear_fields` empties: every name in it that is no field of the object. */
export function withClearedFields(
  fields: Readonly<Record<string, unknown>>,
  writable: BodyFields,
): Readonly<Record<string, unknown>> | undefined {
  const values = fields['custom_fields']
  const cleared = fields[CLEAR_FIELDS]
  const names = Array.isArray(cleared) ? cleared.filter((name): name is string => typeof name === 'string' && !(name in writable)) : []
  const given = isObject(values) ? values : undefined
  return names.length === 0 ? given : { ...given, ...Object.fromEntries(names.map((name) => [name, null])) }
}

function unknownName(key: string, fields: readonly V2DealField[], object: ResourceName): string {
  const names = fields.map(({ field_name: name }) => name)
  const near = nearest(key.slice(0, 100), names)
  const plural = object === 'activity' ? 'activities' : `${object}s`
  const listed = names.slice(0, NAMES_SHOWN).join(', ')
  return `is no custom field of ${plural}${near ? `; did you mean "${near}"?` : names.length > 0 ? `; they are: ${listed}` : ', which have none'}`
}

/** The user with this e-mail address, else with this name. Throws BadCustomValue. */
export async function userIdOf(emailOrName: string, { referenceData }: Pick<OperationContext, 'referenceData'>): Promise<number> {
  const wanted = emailOrName.trim().toLowerCase()
  const users = await referenceData.users()
  const found = [
    users.filter(({ email }) => email?.toLowerCase() === wanted),
    users.filter(({ name }) => name?.toLowerCase() === wanted),
  ].find((some) => some.length > 0)
  if (found?.length === 1) return found[0]!.id
  throw new BadCustomValue(
    found
      ? `"${emailOrName.slice(0, 60)}" is the name of ${found.length} users; use the id or the e-mail address`
      : `has no user "${emailOrName.slice(0, 60)}"; use an id, an e-mail address or a name`,
  )
}
