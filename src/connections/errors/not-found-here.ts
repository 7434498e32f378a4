import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 404: there is none with this id, or it is somebody else's, which nobody is told apart. */
export class NotFoundHere extends DealbridgeError {
  constructor(what: 'connection' | 'key' | 'owner', id: string) {
    super({
      status: 404,
      code: 'NotFoundHere',
      message: `You have no ${what} ${JSON.stringify(id.slice(0, 64))}. A list of yours shows the ids: GET /api/${what}s.`,
    })
  }
}
