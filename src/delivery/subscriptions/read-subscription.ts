import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Operation, Trigger } from '../../catalog/define.ts'
import { choice, boolean, string } from '../../catalog/inputs.ts'
import { validate } from '../../engine/validate.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { deliveryFormats, type DeliveryFormat } from '../dispatch/write-message.ts'

/** A SubscriptionRequest is the validated body of a subscribe call; its URL is not checked yet. */
export interface SubscriptionRequest {
  /** Undefined if the client fetches the deliveries. */
  callbackUrl: string | undefined
  filters: Record<string, unknown>
  format: DeliveryFormat
  sign: boolean
}

/** The fields of every subscription, in addition to the filters of its trigger. */
export const subscriptionFields = {
  callbackUrl: string().optional(),
  format: choice(deliveryFormats).optional(),
  sign: boolean().optional(),
  pull: boolean().optional(),
}

const operations = new WeakMap<Trigger, Operation>()
function operationOf(trigger: Trigger): Operation {
  const cached = operations.get(trigger)
  if (cached) return cached
  const input = z.object({ ...subscriptionFields, ...trigger.instant!.filters.shape })
  const operation: Operation = { ...trigger, input }
  operations.set(trigger, operation)
  return operation
}

/** Throws InvalidInput with every invalid field. `trigger` must have an instant version. */
export function readSubscription(trigger: Trigger, body: Record<string, unknown>): SubscriptionRequest {
  const { input } = validate(operationOf(trigger), body)
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
        message: pull
          ? 'cannot be combined with "pull": deliveries are either fetched or sent to a URL'
          : 'is required; without one send "pull": true',
      },
    ])
  return { callbackUrl, format, sign: sign || format === 'standard-webhooks', filters }
}

/** Equal for equal filters in any order. */
export const filtersHash = (filters: Record<string, unknown>): string => {
  const sorted = Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url')
}
