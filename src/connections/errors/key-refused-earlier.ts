import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: Pipedrive refused this key a moment ago, so it was not asked again. */
export class KeyRefusedEarlier extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'ApiKeyRefused',
      message:
        'Pipedrive refused this API key within the last 5 minutes, so it was not asked again. Copy the key anew from Pipedrive ' +
        '(Personal preferences > API) into the connection; a key that was replaced or belongs to a deactivated user no longer works.',
    })
  }
}
