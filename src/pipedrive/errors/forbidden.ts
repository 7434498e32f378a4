import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { describeTarget, type Target } from '../target.ts'
import { parseValidation } from './parse-validation.ts'

/** 403: Pipedrive accepts the key, but its user or plan may not do this. `text` is Pipedrive's, sanitized. */
export class Forbidden extends DealbridgeError {
  constructor(target: Target, text: string) {
    super({
      status: 403,
      code: 'Forbidden',
      source: 'pipedrive',
      message:
        `Pipedrive does not allow this to the user of the API key (${target.method} ${target.path}, ${describeTarget(target)}): ` +
        `${text.replace(/\.$/, '') || 'it gave no reason'}. Ask an administrator for the permission, or check the limits of the plan.`,
      details: parseValidation(text),
    })
  }
}
