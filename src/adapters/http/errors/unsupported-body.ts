import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 415: there is a body, but not one in JSON. */
export class UnsupportedBody extends DealbridgeError {
  constructor(header: 'content-type' | 'content-encoding', value: string) {
    super({
      status: 415,
      code: 'UnsupportedBody',
      message: `The request's body must be plain JSON (content-type: application/json), but its ${header} is ${JSON.stringify(value.slice(0, 80))}.`,
    })
  }
}
