import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: the subscription has ended, and its callback URL is erased. */
export class SubscriptionEnded extends DealbridgeError {
  constructor(id: string, reason: string | null) {
    super({
      status: 409,
      code: 'SubscriptionEnded',
      message: `The subscription ${id} has ended${reason === null ? '' : ` (${reason})`}, and cannot be restored. Turn the flow off and on, or subscribe again: that makes a new subscription.`,
    })
  }
}
