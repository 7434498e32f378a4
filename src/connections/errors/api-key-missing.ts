import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const HOW =
  'Send the Pipedrive API key, or a connection key (dbk_…) of this server, in the header x-api-key, or by HTTP Basic with any user name and ' +
  'the key as the password; a connection key may come as a bearer token too.'

/** 401: the request names no Pipedrive account. `why` says what was found instead of a key. */
export class ApiKeyMissing extends DealbridgeError {
  constructor(why = 'The request carries no Pipedrive API key.') {
    super({ status: 401, code: 'ApiKeyMissing', message: `${why} ${HOW}` })
  }
}
