import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 409: an earlier attempt of this call may have written something, and the current attempt could not determine whether it did. */
export class EarlierAttemptUnknown extends DealbridgeError {
  constructor(cause: Error) {
    super({
      status: 409,
      code: 'OutcomeUnknown',
      message:
        'An earlier attempt of this call was sent to Pipedrive, and its outcome is unknown. This attempt sent nothing, because it failed: ' +
        `${cause.message.replace(/\.$/, '')}. Check in Pipedrive what the earlier attempt did before you retry (resubmit the run, or use a new Idempotency-Key).`,
      cause,
    })
  }
}
