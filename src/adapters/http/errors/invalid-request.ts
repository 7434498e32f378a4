import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 400: the request's line or headers make no sense, before any operation is reached. */
export class InvalidRequest extends DealbridgeError {
  constructor(message: string, cause?: unknown) {
    super({ status: 400, code: 'InvalidRequest', message, cause })
  }
}
