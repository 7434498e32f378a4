import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'

/** Whether one record may be the cause of a failed read. Other errors concern the account or Pipedrive: limits, the key, the firewall. */
export const isRecordError = (error: unknown): error is DealbridgeError => error instanceof DealbridgeError && RECORD_ERRORS.has(error.code)

const RECORD_ERRORS: ReadonlySet<string> = new Set(['Unavailable', 'Unreadable', 'Rejected', 'Forbidden', 'Conflict'])
