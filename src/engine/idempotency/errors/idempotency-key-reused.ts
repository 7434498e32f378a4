import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 422: the key names something else already. Nothing was sent to Pipedrive. */
export class IdempotencyKeyReused extends DealbridgeError {
  constructor() {
    super({
      status: 422,
      code: 'IdempotencyKeyReused',
      message:
        'This Idempotency-Key was used within the last 24 hours for another operation or with other values, so nothing was sent. ' +
        'One key names one thing: repeat the earlier call exactly as it was, or take a new key for this one.',
    })
  }
}
