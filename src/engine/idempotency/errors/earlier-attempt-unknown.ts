import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 409: an earlier attempt at this call may have written something, and the present one did not come far enough to find out. */
export class EarlierAttemptUnknown extends DealbridgeError {
  constructor(cause: Error) {
    super({
      status: 409,
      code: 'OutcomeUnknown',
      message:
        'An earlier attempt at this very call was sent to Pipedrive, and its outcome is not known. This one has sent nothing, because now it cannot be carried out: ' +
        `${cause.message.replace(/\.$/, '')}. Look in Pipedrive at what the earlier attempt has done before you do it again (resubmit the run, or take a new Idempotency-Key).`,
      cause,
    })
  }
}
