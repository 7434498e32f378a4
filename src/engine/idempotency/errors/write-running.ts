import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

const SECONDS = 5

/** 409, with Retry-After: an earlier attempt of the same call is running. This one sent nothing. */
export class WriteRunning extends DealbridgeError {
  constructor() {
    super({
      status: 409,
      code: 'WriteRunning',
      message:
        'An earlier call with the same Idempotency-Key, of the same run or about the same record is still running, and this one sent nothing. ' +
        `To get its outcome, repeat this call unchanged in ${SECONDS} seconds. A flow cannot do that: wait a minute and check in Pipedrive.`,
      retryAfterSeconds: SECONDS,
    })
  }
}
