import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

const SECONDS = 5

/** 409, with Retry-After: an earlier attempt at the same thing is at work. This one has sent nothing. */
export class WriteRunning extends DealbridgeError {
  constructor() {
    super({
      status: 409,
      code: 'WriteRunning',
      message:
        'An earlier call with the same Idempotency-Key (or of the same run) is still at work, and this one has sent nothing. ' +
        `To get its outcome repeat this very call in ${SECONDS} seconds; in a flow, which cannot do that, wait a minute and look in Pipedrive.`,
      retryAfterSeconds: SECONDS,
    })
  }
}
