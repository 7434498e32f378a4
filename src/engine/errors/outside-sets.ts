import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: the connection key is limited to sets that the operation is not in. Nothing was sent. */
export class OutsideSets extends DealbridgeError {
  constructor(operation: string, set: string, allowed: readonly string[]) {
    super({
      status: 403,
      code: 'OutsideSets',
      message: `${operation} is in the set "${set}", and this connection key is limited to: ${allowed.join(', ')}. Use a key that has the set; the owner of the connection can make one (dealbridge connections keys add --sets).`,
    })
  }
}
