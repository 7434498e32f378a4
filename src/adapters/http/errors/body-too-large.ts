import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 413: the body is larger than anything that the contract has fields for. */
export class BodyTooLarge extends DealbridgeError {
  constructor(maxBytes: number) {
    super({
      status: 413,
      code: 'BodyTooLarge',
      message: `The request's body is larger than ${maxBytes.toLocaleString('en')} bytes. Shorten the texts in it; files cannot be sent here.`,
    })
  }
}
