import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: Pipedrive has no such record for this key. */
export class NotFound extends DealbridgeError {
  readonly object: string
  readonly id: number | string

  constructor(object: string, id: number | string) {
    super({
      status: 404,
      code: 'NotFound',
      source: 'pipedrive',
      message:
        `Pipedrive shows no ${object} ${id} to the user of this API key. Check the id; ` +
        `if it is right, the ${object} was deleted permanently or this user may not see it.`,
    })
    this.object = object
    this.id = id
  }
}
