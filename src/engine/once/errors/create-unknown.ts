import type { SoughtRecord } from '../../../catalog/define.ts'
import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 409: an earlier call sent the create of the record that this one looks for, and its outcome is unknown. This one found nothing and sent nothing. */
export class CreateUnknown extends DealbridgeError {
  constructor({ object, findBy }: SoughtRecord, minutes: number, cause: Error) {
    super({
      status: 409,
      code: 'OutcomeUnknown',
      message:
        `An earlier call sent a new ${object} with this ${findBy}, and its outcome is unknown. This call searched, found none and created none. ` +
        `Look in Pipedrive. If it is there, repeat this call: it finds it. If it is not, the same call creates it ${minutes} minutes after that earlier one. ` +
        `The earlier call ended with: ${cause.message}`,
      cause,
    })
  }
}
