import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 400: the request line or a header is malformed; no operation is called. */
export class InvalidRequest extends DealbridgeError {
  constructor(message: string, cause?: unknown) {
    super({ status: 400, code: 'InvalidRequest', message, cause })
  }
}
