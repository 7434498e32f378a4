import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** A CallbackUrlRefused (400) is for a callback URL that is not permitted. The message does not repeat the URL, which is a secret. */
export class CallbackUrlRefused extends DealbridgeError {
  constructor(reason: string) {
    const message = `The callback URL is refused: ${reason}`
    super({ status: 400, code: 'CallbackUrlRefused', message, details: [{ field: 'callbackUrl', message: reason }] })
  }
}
