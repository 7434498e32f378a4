import type { Operation } from '../catalog/define.ts'
import { CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import { DealbridgeError, type Detail } from '../kit/errors/dealbridge-error.ts'
import { withoutEmpty } from './validate.ts'

/** Upstream names its own fields; the caller knows those of the contract. A field that the caller did not send keeps upstream's name. */
export function translateRejection(error: unknown, operation: Operation, sent: Record<string, unknown>): unknown {
  if (!(error instanceof DealbridgeError) || error.source !== 'pipedrive' || error.details.length === 0 || operation.kind !== 'action')
    return error
  const writable = operation.bodyFields ?? {}
  const given = Object.keys(withoutEmpty(sent))
  const callersName = ({ field, message }: Detail): string => {
    if (given.includes(field)) return field
    // A custom field that was sent at the top level went into `custom_fields`, and only the text tells which one it is.
    const custom = given.find((name) => CUSTOM_FIELD_KEY.test(name) && `${field} ${message}`.includes(name))
    // "participants[0].person_id" is about what went into `participants`.
    const [root] = field.split(/[.[]/)
    return custom ?? given.find((name) => writable[name]?.to === root && name !== root) ?? field
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
