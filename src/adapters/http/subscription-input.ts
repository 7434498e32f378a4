import * as z from 'zod'
import type { ReportedOutcome } from '../../delivery/subscriptions/subscriptions.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { readFields } from './management-input.ts'

/** Proxies close quiet requests after 30 s or more. */
const WAIT_SECONDS_MAX = 25
const TEXT_LENGTH = 500
/** The longest duration of an attempt that can be reported: an hour. */
const MS_MAX = 3_600_000

/** How long to wait for a delivery, in milliseconds. Default: not at all. */
export function readWait(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (!/^\d{1,3}$/.test(text)) throw new InvalidInput([{ field: 'wait', message: `takes seconds, 0 to ${WAIT_SECONDS_MAX}` }])
  return Math.min(Number(text), WAIT_SECONDS_MAX) * 1_000
}

/** Databases reject a NUL and a lone surrogate, and a line break would break tables on a terminal. */
const oneLine = (text: string): string => text.toWellFormed().replace(/\p{Cc}+/gu, ' ')

const outcomeFields = z.object({
  status: z.int('must be the status that the receiver answered').min(100).max(599).nullish(),
  reason: z.string('must be a text').max(TEXT_LENGTH).transform(oneLine).nullish(),
  retryAfter: z.string('must be the receiver’s header Retry-After').max(TEXT_LENGTH).nullish(),
  ms: z.int('must be whole milliseconds').min(0).max(MS_MAX).optional(),
})

/** The outcome of a delivery, as reported by the consumer that fetched it. Throws InvalidInput. */
export function readPulledOutcome(sent: Record<string, unknown>): ReportedOutcome {
  const { status = null, reason = null, retryAfter = null, ms = 0 } = readFields(outcomeFields, sent) as z.output<typeof outcomeFields>
  if (status === null && reason === null)
    throw new InvalidInput([{ field: 'status', message: 'is required; where the receiver gave no answer, send a reason' }])
  return { status, reason, retryAfter, ms }
}
