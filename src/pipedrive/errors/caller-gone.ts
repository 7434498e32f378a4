import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Target } from '../target.ts'

/** The caller hung up before this request was sent, or during a read. No caller gets this answer; it is for the log. */
export class CallerGone extends DealbridgeError {
  constructor({ method, path }: Target) {
    // Proxies log 499 for a closed connection.
    super({ status: 499, code: 'CallerGone', message: `The caller hung up; ${method} ${path} was cancelled and changed nothing.` })
  }
}
