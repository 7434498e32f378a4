import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: there is none with this id, or it is somebody else's, which nobody is told apart. `list` is where a list of them is. */
export class NotFoundHere extends DealbridgeError {
  constructor(what: 'connection' | 'key' | 'owner' | 'subscription' | 'delivery', id: string, list = `/api/${what}s`) {
    super({
      status: 404,
      code: 'NotFoundHere',
      message: `You have no ${what} ${JSON.stringify(id.slice(0, 64))}. A list of yours shows the ids: GET ${list}.`,
    })
  }
}
