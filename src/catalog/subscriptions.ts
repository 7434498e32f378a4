import * as z from 'zod'

/** The field of a subscription that holds where events are sent. Hosts find it by its extension in the definition, not by this name. */
export const CALLBACK_FIELD = 'callbackUrl'
export type CallbackField = typeof CALLBACK_FIELD

/** The operation that removes a subscription of any instant trigger. Hosts call it by the Location that they received when they subscribed. */
export const endSubscription = {
  id: 'EndSubscription',
  method: 'DELETE',
  path: '/subscriptions/{trigger}/{location}',
  input: z.object({ trigger: z.string(), location: z.string() }),
} as const
