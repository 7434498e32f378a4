import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 400: the `triggerstate` cannot be followed. Repeating the poll does not help; a poll without it starts anew. */
export class InvalidTriggerState extends DealbridgeError {
  constructor(why: string) {
    super({
      status: 400,
      code: 'InvalidTriggerState',
      message:
        `${why} Let the trigger start anew, without the saved state: turn the flow off and on; if the error stays, remove the trigger ` +
        'from the flow and add it again. What was created before the new start is not answered any more.',
      details: [{ field: 'triggerstate', message: why }],
    })
  }
}
