import { AccountBlocked } from '../pipedrive/errors/account-blocked.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'

/** Why a connection needs attention after this failure of a call; undefined when the failure tells nothing about it. */
export function attentionReasonOf(error: unknown): string | undefined {
  if (error instanceof KeyRefused)
    return (
      'Pipedrive refuses the API key: it was replaced, or its user was deactivated. Copy the key anew from Pipedrive ' +
      '(Personal preferences > API) and give it to this connection.'
    )
  // Its own words already say what to do; nothing has to be changed here.
  if (error instanceof AccountBlocked) return error.message
  return undefined
}
