import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const HOW =
  'Send the Pipedrive API key, or a connection key (dbk_…) of this server, in the header x-api-key, or by HTTP Basic with any user name and ' +
  'the key as the password; a connection key also works as a bearer token.'

/** 401: the request has no Pipedrive key and no connection key. `why` says what it has instead. */
export class ApiKeyMissing extends DealbridgeError {
  constructor(why = 'The request carries no Pipedrive API key.') {
    super({ status: 401, code: 'ApiKeyMissing', message: `${why} ${HOW}` })
  }
}
