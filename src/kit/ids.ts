import { randomUUID } from 'node:crypto'

/** The id of one call in answers and logs. */
export const newRequestId = (): string => randomUUID()
