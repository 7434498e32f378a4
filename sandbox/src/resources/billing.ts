import * as z from 'zod'
import { type Problem, wording } from '../http/answer.ts'
import { body } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import { type Billing, billingFrequencies } from '../state/records.ts'

/** Four years of weeks. */
const MOST_CYCLES = 208

export const billingFields = {
  billing_frequency: body.oneOf(billingFrequencies),
  billing_frequency_cycles: z
    .int({ error: "The value is not a valid 'integer'" })
    .refine((cycles) => cycles >= 1 && cycles <= MOST_CYCLES, { error: `outOfRange|1 and ${MOST_CYCLES}` })
    .nullable(),
}

type GivenBilling = { [K in keyof Billing]?: Billing[K] | undefined }

/** The billing after a write. A change to one-time clears the cycles, unless the write sets them. */
export function billingOf(
  input: GivenBilling,
  before: Billing = { billing_frequency: 'one-time', billing_frequency_cycles: null },
): Billing {
  const billing_frequency = input.billing_frequency ?? before.billing_frequency
  if (input.billing_frequency_cycles !== undefined) return { billing_frequency, billing_frequency_cycles: input.billing_frequency_cycles }
  return { billing_frequency, billing_frequency_cycles: input.billing_frequency === 'one-time' ? null : before.billing_frequency_cycles }
}

export function billingProblems({ billing_frequency, billing_frequency_cycles }: Billing, { behaviour }: Caller): Problem[] {
  const field = 'billing_frequency_cycles'
  if (billing_frequency === 'one-time' && billing_frequency_cycles !== null) return [{ field, text: wording(behaviour, 'cyclesOfOneTime') }]
  if (billing_frequency === 'weekly' && billing_frequency_cycles === null) return [{ field, text: wording(behaviour, 'cyclesOfWeekly') }]
  return []
}
