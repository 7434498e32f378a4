import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 401: the key of the request cannot be a Pipedrive key, so Pipedrive was not called. The message never repeats it. */
export class ApiKeyMalformed extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'ApiKeyMalformed',
      message:
        'The Pipedrive API key is longer than 256 characters or holds blanks, control characters or letters beyond ASCII. ' +
        'Copy it again from Pipedrive (Personal preferences > API), without quotes or line breaks, and send it once.',
    })
  }
}
