import type { Operation } from '../catalog/define.ts'
import { CLEAR_FIELDS, CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import { DealbridgeError, type Detail } from '../kit/errors/dealbridge-error.ts'
import { fieldNamesIn } from './clear-fields.ts'
import { withoutEmpty } from './validate.ts'

/** Replaces Pipedrive's field names with those of the contract. A field that the caller neither sent nor cleared keeps Pipedrive's name. */
export function translateRejection(error: unknown, operation: Operation, sent: Record<string, unknown>): unknown {
  if (!(error instanceof DealbridgeError) || error.source !== 'pipedrive' || error.details.length === 0 || operation.kind !== 'action')
    return error
  const writable = operation.bodyFields ?? {}
  const nulls = Object.keys(sent).filter((name) => sent[name] === null && CUSTOM_FIELD_KEY.test(name))
  const sentNames = [...Object.keys(withoutEmpty(sent)), ...(fieldNamesIn(sent[CLEAR_FIELDS]) ?? []), ...nulls]
  const callersName = ({ field, message }: Detail): string => {
    if (sentNames.includes(field)) return field
    // A custom field sent at the top level went into `custom_fields`; only the text shows which one it is.
    const custom = sentNames.find((name) => CUSTOM_FIELD_KEY.test(name) && `${field} ${message}`.includes(name))
    // "participants[0].person_id" is about what went into `participants`.
    const [root] = field.split(/[.[]/)
    return custom ?? sentNames.find((name) => writable[name]?.to === root && name !== root) ?? field
  }
  const details = error.details.map((detail) => ({ ...detail, field: callersName(detail) }))
  const message = details.map((detail) => `${detail.field}: ${detail.message}`).join('; ')
  const { status, code, retryAfterSeconds } = error
  return new DealbridgeError({
    status,
    code,
    source: 'pipedrive',
    message: `Pipedrive refused this: ${message}`,
    details,
    retryAfterSeconds,
    cause: error,
  })
}
