import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: another subscription already delivers the same to this callback URL. */
export class SubscriptionTaken extends DealbridgeError {
  constructor(other: string) {
    super({
      status: 409,
      code: 'SubscriptionTaken',
      message: `The subscription ${other} already delivers the same to this callback URL, and each event would arrive twice. Nothing was changed: end one of the two.`,
    })
  }
}
