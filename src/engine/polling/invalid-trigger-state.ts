import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 400: the `triggerstate` is unusable. Retrying the poll does not help; a poll without it starts from the beginning. */
export class InvalidTriggerState extends DealbridgeError {
  constructor(why: string) {
    super({
      status: 400,
      code: 'InvalidTriggerState',
      message:
        `${why} Restart the trigger without the saved state: turn the flow off and on; if the error remains, remove the trigger ` +
        'from the flow and add it again. Records created before the restart are not returned.',
      details: [{ field: 'triggerstate', message: why }],
    })
  }
}
