import * as z from 'zod'
import { defineShape } from '../../shape.ts'
import { ActivityResponse } from './activity.ts'
import { DealResponseV2 } from './deal.ts'

/** The names of the changed fields: the contract's names, or Pipedrive's for fields that the contract does not have. */
const changed = () => z.array(z.string())

/** A DealChange is a deal with what just changed. `previous` holds the earlier values of the changed fields; it is absent if they are unknown. */
export const DealChange = defineShape(
  'DealChange',
  DealResponseV2.extend({ changed: changed(), previous: DealResponseV2.partial().optional() }),
)

/** An ActivityChange is an activity with what just changed; `previous` as in a DealChange. */
export const ActivityChange = defineShape(
  'ActivityChange',
  ActivityResponse.extend({ changed: changed(), previous: ActivityResponse.partial().optional() }),
)
