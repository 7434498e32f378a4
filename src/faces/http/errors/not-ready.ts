import { DealbridgeError, type Detail } from '../../../kit/errors/dealbridge-error.ts'

/** 503: calls should go to another instance for now. `details` says for each part that is not ready why. */
export class NotReady extends DealbridgeError {
  constructor(details: readonly Detail[]) {
    super({
      status: 503,
      code: 'NotReady',
      message: `Not ready: ${details.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
      details,
    })
  }
}
