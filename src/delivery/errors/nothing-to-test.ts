import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: there is no record yet that a test could deliver. */
export class NothingToTest extends DealbridgeError {
  constructor(kind: string) {
    super({
      status: 409,
      code: 'NothingToTest',
      message: `A test delivers the newest ${kind} of the connection, and Pipedrive returns none. Add one, then test again.`,
    })
  }
}
