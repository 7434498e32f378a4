import { randomUUID } from 'node:crypto'

/** The id under which one call is found in answers and logs. */
export const newRequestId = (): string => randomUUID()
