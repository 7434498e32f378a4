import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 503: the database does not answer. Nothing was sent to Pipedrive. */
export class StoreUnavailable extends DealbridgeError {
  constructor(cause: unknown) {
    super({
      status: 503,
      code: 'StoreUnavailable',
      message:
        "The connector's database does not answer, so nothing was done. Repeat in a minute; the operator of the server finds the reason in its log and with `dealbridge doctor`.",
      retryAfterSeconds: 30,
      cause,
    })
  }
}
