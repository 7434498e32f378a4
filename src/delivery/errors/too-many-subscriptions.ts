import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: this account has reached its limit of subscriptions. */
export class TooManySubscriptions extends DealbridgeError {
  constructor(limit: number) {
    super({
      status: 409,
      code: 'TooManySubscriptions',
      message:
        `This connection has ${limit} subscriptions, which is the limit. No subscription was made. Turn off flows that are not needed, or end ` +
        'subscriptions: dealbridge subscriptions list shows them, dealbridge subscriptions end ends one.',
    })
  }
}
