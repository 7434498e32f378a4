import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 405: the path is right, the method is not. */
export class MethodNotAllowed extends DealbridgeError {
  /** Becomes the header Allow. */
  readonly allow: readonly string[]
  constructor(method: string, path: string, allow: readonly string[]) {
    super({ status: 405, code: 'MethodNotAllowed', message: `${path.slice(0, 120)} does not take ${method}, but ${allow.join(', ')}.` })
    this.allow = allow
  }
}
