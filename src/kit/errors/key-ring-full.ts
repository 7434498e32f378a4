import { DealbridgeError } from './dealbridge-error.ts'

/** 409: the key file holds the maximum number of keys, so no new one was created. */
export class KeyRingFull extends DealbridgeError {
  constructor(file: string, keys: number) {
    super({
      status: 409,
      code: 'KeyRingFull',
      message:
        `${file} holds ${keys} keys, and no more are allowed. Nothing was changed. Remove the lowest lines, whose trigger states are ` +
        'replaced by now (a running flow gets a new one with each poll), and rotate again.',
    })
  }
}
