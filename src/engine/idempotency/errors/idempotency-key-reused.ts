import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 422: the key was used for another call. Nothing was sent to Pipedrive. */
export class IdempotencyKeyReused extends DealbridgeError {
  constructor() {
    super({
      status: 422,
      code: 'IdempotencyKeyReused',
      message:
        'This Idempotency-Key was used within the last 24 hours for another operation or with other values, so nothing was sent. ' +
        'A key identifies one call: repeat the earlier call unchanged, or use a new key for this one.',
    })
  }
}
