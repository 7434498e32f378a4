import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Target } from '../target.ts'

/** 504: the deadline of the call passed before this request could be sent. */
export class OutOfTime extends DealbridgeError {
  constructor({ method, path }: Pick<Target, 'method' | 'path'>) {
    super({
      status: 504,
      code: 'OutOfTime',
      message: `The time for this call was over before ${method} ${path} could be sent to Pipedrive; that request changed nothing. Try again.`,
      retryAfterSeconds: 10,
    })
  }
}
