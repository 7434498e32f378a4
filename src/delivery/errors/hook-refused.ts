import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** A HookRefused (401) is for whoever sends to an address of webhooks without the secrets of one. */
export class HookRefused extends DealbridgeError {
  constructor() {
    super({
      status: 401,
      code: 'HookRefused',
      message: 'This is where Pipedrive sends its webhooks; address and password are those of no webhook that is in use here.',
    })
  }
}
