import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 400: the body cannot be read as one JSON object. `why` completes "The request's body …". */
export class InvalidBody extends DealbridgeError {
  constructor(why: string, cause?: unknown) {
    super({
      status: 400,
      code: 'InvalidBody',
      message: `The request's body ${why}. Send one JSON object with the fields of the operation.`,
      cause,
    })
  }
}
