import type { Operation } from '../catalog/define.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'

/** Upstream names its own fields; the caller knows those of the contract. A field that the caller did not send keeps upstream's name. */
export function translateRejection(error: unknown, operation: Operation, sent: Record<string, unknown>): unknown {
  if (!(error instanceof DealbridgeError) || error.source !== 'pipedrive' || error.details.length === 0 || operation.kind !== 'action')
    return error
  const writable = operation.writable ?? {}
  const callersName = (field: string) =>
    sent[field] !== undefined
      ? field
      : (Object.keys(sent).find((name) => sent[name] !== undefined && writable[name]?.to === field) ?? field)
  const details = error.details.map((detail) => ({ ...detail, field: callersName(detail.field) }))
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
