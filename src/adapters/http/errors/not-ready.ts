import { DealbridgeError, type Detail } from '../../../kit/errors/dealbridge-error.ts'

/** A FailedCheck is a part that is not ready. Its cause is for the log only: it may contain addresses and accounts. */
export interface FailedCheck extends Detail {
  cause?: unknown
}

/** 503: calls should go to another instance for now. `details` has the reason for each part that is not ready. */
export class NotReady extends DealbridgeError {
  constructor(troubles: readonly FailedCheck[]) {
    super({
      status: 503,
      code: 'NotReady',
      message: `Not ready: ${troubles.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
      details: troubles.map(({ field, message }) => ({ field, message })),
      cause: troubles.find(({ cause }) => cause !== undefined)?.cause,
    })
  }
}
