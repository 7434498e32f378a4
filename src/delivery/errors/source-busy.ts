import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

const AGAIN_AFTER_SECONDS = 10

/** 503: the first subscription to a kind of record has to wait for the work on it, which took too long. */
export class SourceBusy extends DealbridgeError {
  constructor() {
    super({
      status: 503,
      code: 'SourceBusy',
      message:
        'The events of this connection are being worked on, and the subscription could not be prepared in time. Nothing was made: subscribe again. ' +
        'Should it go on, the log of the server says what takes so long.',
      retryAfterSeconds: AGAIN_AFTER_SECONDS,
    })
  }
}
