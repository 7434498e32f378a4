import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 400: the header Idempotency-Key cannot be used. Nothing was sent to Pipedrive. */
export class InvalidIdempotencyKey extends DealbridgeError {
  constructor() {
    super({
      status: 400,
      code: 'InvalidIdempotencyKey',
      message:
        'The header Idempotency-Key takes 1 to 255 visible ASCII characters without spaces, for example a UUID or the id of the record that causes this call. ' +
        'Correct it, or omit the header.',
    })
  }
}
