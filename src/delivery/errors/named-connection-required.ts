import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: whoever runs this server keeps no Pipedrive API keys that were sent by themselves, and a subscription needs one for as long as it lives. */
export class NamedConnectionRequired extends DealbridgeError {
  constructor() {
    super({
      status: 403,
      code: 'NamedConnectionRequired',
      message:
        'A subscription needs a Pipedrive API key for as long as it lives, and this server keeps none that is sent by itself (--subscriptions named-only). ' +
        'Make a named connection (dealbridge connections add) and subscribe with a connection key of it, which begins with dbk_.',
    })
  }
}
