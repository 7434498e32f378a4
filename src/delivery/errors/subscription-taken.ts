import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: another live subscription delivers the same to this callback URL already. */
export class SubscriptionTaken extends DealbridgeError {
  constructor(other: string) {
    super({
      status: 409,
      code: 'SubscriptionTaken',
      message: `The subscription ${other} delivers the same to this callback URL already, and each event would arrive twice. Nothing was changed: end one of the two.`,
    })
  }
}
