import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: there is no record yet that a test could bring. */
export class NothingToTest extends DealbridgeError {
  constructor(kind: string) {
    super({
      status: 409,
      code: 'NothingToTest',
      message: `A test brings the newest ${kind} of the connection, and Pipedrive shows it none. Add one, then test again.`,
    })
  }
}
