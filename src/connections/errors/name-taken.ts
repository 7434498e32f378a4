import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: the name is already in use. Nothing was changed. */
export class NameTaken extends DealbridgeError {
  constructor(what: 'connection' | 'owner', name: string) {
    super({
      status: 409,
      code: 'NameTaken',
      message: `There is ${what === 'owner' ? 'an owner' : `a ${what} of yours`} called ${JSON.stringify(name)} already. Choose another name.`,
      details: [{ field: 'name', message: 'is taken' }],
    })
  }
}
