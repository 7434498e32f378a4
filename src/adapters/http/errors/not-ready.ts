import { DealbridgeError, type Detail } from '../../../kit/errors/dealbridge-error.ts'

/** A FailedCheck is a readiness check that failed. Its cause is for the log only: it may contain addresses and accounts. */
export interface FailedCheck extends Detail {
  cause?: unknown
}

/** 503: calls should go to another instance for now. `details` has the reason for each part that is not ready. */
export class NotReady extends DealbridgeError {
  constructor(failed: readonly FailedCheck[]) {
    super({
      status: 503,
      code: 'NotReady',
      message: `Not ready: ${failed.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
      details: failed.map(({ field, message }) => ({ field, message })),
      cause: failed.find(({ cause }) => cause !== undefined)?.cause,
    })
  }
}
