import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** A HookRefused (401) is for a request to a webhook address without the secrets of a registered webhook. */
export class HookRefused extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'HookRefused',
      message: 'This address receives webhooks of Pipedrive; its path and password do not belong to a webhook that is registered here.',
    })
  }
}
