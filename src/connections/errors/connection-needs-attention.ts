import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: Pipedrive refuses the API key of this connection. The caller's connection key is valid. */
export class ConnectionNeedsAttention extends DealbridgeError {
  constructor({ id, name }: { id: string; name: string }, cause?: unknown) {
    super({
      status: 401,
      code: 'ConnectionNeedsAttention',
      source: 'pipedrive',
      message:
        `The connection "${name}" (${id}) needs attention: Pipedrive refuses its API key, because the key was replaced or its ` +
        'user was deactivated. Its owner has to copy the current key from Pipedrive (Personal preferences > API) and set it on the connection ' +
        `(dealbridge connections change ${id} --key, or PATCH /api/connections/${id}). Nothing has to be changed where this call came from.`,
      cause,
    })
  }
}
