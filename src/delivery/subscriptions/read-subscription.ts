import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Operation, Trigger } from '../../catalog/define.ts'
import { choice, boolean, string } from '../../catalog/inputs.ts'
import { validate } from '../../engine/validate.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { formatNames, type FormatName } from './format-names.ts'

/** A SubscriptionRequest is what a subscriber asks for, checked as far as that goes without looking at the URL. */
export interface SubscriptionRequest {
  /** None where deliveries are fetched. */
  callbackUrl: string | undefined
  filters: Record<string, unknown>
  format: FormatName
  sign: boolean
}

/** What every subscription takes beside the filters of its trigger. */
export const subscriptionFields = {
  callbackUrl: string().optional(),
  format: choice(formatNames).optional(),
  sign: boolean().optional(),
  pull: boolean().optional(),
}

const asOperation = new WeakMap<Trigger, Operation>()
function operationOf(trigger: Trigger): Operation {
  const known = asOperation.get(trigger)
  if (known) return known
  const input = z.object({ ...subscriptionFields, ...trigger.instant!.filters.shape })
  const operation: Operation = { ...trigger, input }
  asOperation.set(trigger, operation)
  return operation
}

/** Throws InvalidInput with every fault at once. `trigger` has an instant version. */
export function readSubscription(trigger: Trigger, given: Record<string, unknown>): SubscriptionRequest {
  const { input } = validate(operationOf(trigger), given)
  const {
    callbackUrl,
    format = 'record',
    sign = false,
    pull = false,
    ...filters
  } = input as Partial<SubscriptionRequest> & { pull?: boolean }
  if (pull === (callbackUrl !== undefined))
    throw new InvalidInput([
      {
        field: 'callbackUrl',
        message: pull ? 'goes without "pull": deliveries are fetched, or sent to a URL' : 'is required; without one send "pull": true',
      },
    ])
  return { callbackUrl, format, sign: sign || format === 'standard-webhooks', filters }
}

/** The same for the same filters, in whatever order they were sent. */
export const filtersHash = (filters: Record<string, unknown>): string => {
  const sorted = Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url')
}
