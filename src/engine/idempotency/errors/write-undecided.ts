import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** A decision takes some ten seconds more. */
const SECONDS = 15

/** 409, with Retry-After: the write was sent, its outcome is being looked for, and the caller's time is over. */
export class WriteUndecided extends DealbridgeError {
  constructor() {
    super({
      status: 409,
      code: 'WriteUndecided',
      message:
        'This write was sent to Pipedrive and no usable answer came; whether it was executed is still being found out. ' +
        `To get the outcome repeat this very call in ${SECONDS} seconds: the same body with the same Idempotency-Key. ` +
        'In a flow, which cannot do that, wait a minute and look in Pipedrive; resubmit the run only if it was not done, for that could do it twice.',
      retryAfterSeconds: SECONDS,
    })
  }
}
