import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { describeTarget, type Target } from '../target.ts'

/** 409: Pipedrive says that the change conflicts with the state of the record. Nothing was executed. */
export class Conflict extends DealbridgeError {
  constructor(target: Target, text: string) {
    super({
      status: 409,
      code: 'Conflict',
      source: 'pipedrive',
      message: `Pipedrive refused this because of the current state of ${describeTarget(target)}: ${text.replace(/\.$/, '') || 'it gave no reason'}. Check it in Pipedrive before you try again.`,
    })
  }
}
