import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** A HookBodyInvalid (400) is for a webhook that cannot be one of those that were ordered. */
export class HookBodyInvalid extends DealbridgeError {
  constructor(field: string, message: string) {
    super({
      status: 400,
      code: 'HookBodyInvalid',
      message: `This body is none of the webhooks that were ordered: ${field} ${message}.`,
      details: [{ field, message }],
    })
  }
}
