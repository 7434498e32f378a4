import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Target } from '../target.ts'

/** The caller hung up before this request was sent, or while it only read. Nobody gets this answer; it is for the log. */
export class CallerGone extends DealbridgeError {
  constructor({ method, path }: Target) {
    // 499 is what proxies log for a closed connection.
    super({ status: 499, code: 'CallerGone', message: `The caller hung up; ${method} ${path} was given up and changed nothing.` })
  }
}
