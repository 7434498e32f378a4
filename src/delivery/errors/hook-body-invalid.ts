import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** A HookBodyInvalid (400) is for a body that is not a webhook which Dealbridge registered. */
export class HookBodyInvalid extends DealbridgeError {
  constructor(field: string, message: string) {
    super({
      status: 400,
      code: 'HookBodyInvalid',
      message: `The body is not a webhook that Dealbridge registered: ${field} ${message}.`,
      details: [{ field, message }],
    })
  }
}
