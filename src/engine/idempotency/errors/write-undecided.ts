import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** Determining the outcome takes about ten seconds. */
const SECONDS = 15

/** 409, with Retry-After: the write was sent, its outcome is not determined yet, and the caller's time is over. */
export class WriteUndecided extends DealbridgeError {
  constructor() {
    super({
      status: 409,
      code: 'WriteUndecided',
      message:
        'This write was sent to Pipedrive and got no usable answer; Dealbridge is still checking whether Pipedrive executed it. ' +
        `To get the outcome, repeat this call in ${SECONDS} seconds with the same body and the same Idempotency-Key. ` +
        'A flow cannot do that: wait a minute and check in Pipedrive. Resubmit the run only if the change is missing there; otherwise it could be made twice.',
      retryAfterSeconds: SECONDS,
    })
  }
}
