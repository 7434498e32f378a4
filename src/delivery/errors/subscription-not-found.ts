import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: this Location has nothing to fetch: it is unknown, its subscription has ended, or its deliveries are sent to a callback URL. */
export class SubscriptionNotFound extends DealbridgeError {
  constructor() {
    super({
      status: 404,
      code: 'SubscriptionNotFound',
      message:
        'There is nothing to fetch at this Location: it is mistyped, its subscription has ended (one that nobody fetches ends after a day), or its ' +
        'deliveries go to a callback URL. Subscribe with "pull": true, and use the Location of that answer.',
    })
  }
}
