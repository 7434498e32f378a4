import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: this account has as many live subscriptions as it may. */
export class TooManySubscriptions extends DealbridgeError {
  constructor(limit: number) {
    super({
      status: 409,
      code: 'TooManySubscriptions',
      message:
        `This connection has ${limit} live subscriptions, and more are not allowed. Nothing was made. Turn flows off that nobody needs, or end ` +
        'subscriptions: dealbridge subscriptions list shows them, dealbridge subscriptions end ends one.',
    })
  }
}
