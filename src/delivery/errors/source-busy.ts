import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const RETRY_AFTER_SECONDS = 10

/** 503: the first subscription to a kind of record waits for the work item of its source, which took too long. */
export class SourceBusy extends DealbridgeError {
  constructor() {
    super({
      status: 503,
      code: 'SourceBusy',
      message:
        'The events of this connection are being processed, and the subscription could not be prepared in time. No subscription was made: subscribe again. ' +
        'If this error persists, see the log of the server.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  }
}
