import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: Pipedrive does not accept the API key. */
export class KeyRefused extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'ApiKeyRefused',
      source: 'pipedrive',
      message:
        'Pipedrive refuses this API key. Copy the key again from Pipedrive (Personal preferences > API) into the connection; ' +
        'a key that was replaced or belongs to a deactivated user no longer works.',
    })
  }
}
