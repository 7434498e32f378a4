import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: Pipedrive refused this key recently, so the call was not sent. */
export class KeyRefusedEarlier extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'ApiKeyRefused',
      message:
        'Pipedrive refused this API key within the last 5 minutes, so the call was not sent. Copy the current key from Pipedrive ' +
        '(Personal preferences > API) into the connection; a key that was replaced or belongs to a deactivated user no longer works.',
    })
  }
}
