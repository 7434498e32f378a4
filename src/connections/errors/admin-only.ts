import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: only the admin may do this. */
export class AdminOnly extends DealbridgeError {
  constructor() {
    super({
      status: 403,
      code: 'AdminOnly',
      message: 'Only the admin may do this. Use the admin token, or ask the operator of this server.',
    })
  }
}
