import { DealbridgeError, type Detail } from './dealbridge-error.ts'

/** 400: one or more fields of the input cannot be used. Nothing was sent to Pipedrive. */
export class InvalidInput extends DealbridgeError {
  constructor(details: readonly Detail[]) {
    super({ status: 400, code: 'InvalidInput', message: details.map((d) => `${d.field}: ${d.message}`).join('; '), details })
  }
}
