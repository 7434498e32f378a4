import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: no deliveries can be fetched at this Location: it is unknown, its subscription has ended, or its deliveries are sent to a callback URL. */
export class SubscriptionNotFound extends DealbridgeError {
  constructor() {
    super({
      status: 404,
      code: 'SubscriptionNotFound',
      message:
        'No deliveries can be fetched at this Location: it is mistyped, its subscription has ended (after a day without a fetch it ends), or its ' +
        'deliveries go to a callback URL. Subscribe with "pull": true, and use the Location of that response.',
    })
  }
}
