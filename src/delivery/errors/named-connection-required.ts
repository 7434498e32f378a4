import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: the server stores no Pipedrive API keys of calls, and a subscription needs a stored key. */
export class NamedConnectionRequired extends DealbridgeError {
  constructor() {
    super({
      status: 403,
      code: 'NamedConnectionRequired',
      message:
        'A subscription needs a stored Pipedrive API key, and this server stores no key that a call sends (--subscriptions named-only). ' +
        'Make a named connection (dealbridge connections add) and subscribe with one of its connection keys, which begin with dbk_.',
    })
  }
}
