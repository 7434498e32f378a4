import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: the id is unknown, or belongs to another owner; the message does not tell which. `list` is the path of the list. */
export class NotFoundHere extends DealbridgeError {
  constructor(what: 'connection' | 'key' | 'owner' | 'subscription' | 'delivery', id: string, list = `/api/${what}s`) {
    super({
      status: 404,
      code: 'NotFoundHere',
      message: `You have no ${what} ${JSON.stringify(id.slice(0, 64))}. List yours for their ids: GET ${list}.`,
    })
  }
}
