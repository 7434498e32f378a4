import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: the connection key may only read. Nothing was sent. */
export class ReadOnlyKey extends DealbridgeError {
  constructor(operation: string, set: string) {
    super({
      status: 403,
      code: 'ReadOnlyKey',
      message: `${operation} writes in the set "${set}", and this connection key may only read. Use a key without --read-only; the owner of the connection can make one.`,
    })
  }
}
