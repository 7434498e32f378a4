import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 404: no trigger with this id can be subscribed to. */
export class TriggerNotFound extends DealbridgeError {
  constructor(id: string, wayOut: string) {
    super({
      status: 404,
      code: 'TriggerNotFound',
      message: `${JSON.stringify(id.slice(0, 64))} is no trigger that can be subscribed to. ${wayOut}`,
    })
  }
}
