import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 400: the `triggerstate` was signed with a key that this connector does not have (any more). */
export class TriggerStateKeyUnknown extends DealbridgeError {
  constructor(keyId: string) {
    const why = `This trigger state was signed with the key "${keyId}", which is not on this connector's key ring.`
    super({
      status: 400,
      code: 'TriggerStateKeyUnknown',
      message:
        `${why} Add that key to DEALBRIDGE_KEYS behind the key that signs (or bring back the file "keys" of the data folder), restart the ` +
        'connector, and the flow goes on where it was. If the key is lost: turn the flow off and on, then the trigger starts anew.',
      details: [{ field: 'triggerstate', message: why }],
    })
  }
}
