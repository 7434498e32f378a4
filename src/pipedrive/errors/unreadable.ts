import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Target } from '../target.ts'

/** 502: the response to a read is not an answer of Pipedrive's API. `what` describes it, at most with a short, sanitized excerpt. */
export class Unreadable extends DealbridgeError {
  constructor({ method, path }: Pick<Target, 'method' | 'path'>, status: number, what: string) {
    super({
      status: 502,
      code: 'Unreadable',
      source: 'pipedrive',
      message:
        `Pipedrive's answer to ${method} ${path} cannot be read: status ${status}, ${what}. ` +
        `Try again. If the error remains, check the upstream address and whether a proxy answers instead of Pipedrive.`,
    })
  }
}
