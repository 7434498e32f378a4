import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { parseValidation } from './parse-validation.ts'

/** 400: Pipedrive understood the request and refuses its content. `details` carry the names of API v2; `text` is Pipedrive's, sanitized. */
export class Rejected extends DealbridgeError {
  constructor(status: number, text: string) {
    super({
      status: 400,
      code: 'Rejected',
      source: 'pipedrive',
      message: text ? `Pipedrive refused this: ${text}` : `Pipedrive refused this with status ${status} and gave no reason.`,
      details: parseValidation(text),
    })
  }
}
