import { AccountBlocked } from '../pipedrive/errors/account-blocked.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'

/** Why a connection needs attention after this error; undefined if the error says nothing about the connection. */
export function attentionReasonOf(error: unknown): string | undefined {
  if (error instanceof KeyRefused)
    return (
      'Pipedrive refuses the API key: it was replaced, or its user was deactivated. Copy the current key from Pipedrive ' +
      '(Personal preferences > API) and set it on this connection.'
    )
  // Its message already says what to do, outside of Dealbridge.
  if (error instanceof AccountBlocked) return error.message
  return undefined
}
