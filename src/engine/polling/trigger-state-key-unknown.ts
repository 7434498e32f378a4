import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 400: the `triggerstate` was signed with a key that is not on this connector's key ring (any more). */
export class TriggerStateKeyUnknown extends DealbridgeError {
  constructor(keyId: string) {
    const why = `This trigger state was signed with the key "${keyId}", which is not on this connector's key ring.`
    super({
      status: 400,
      code: 'TriggerStateKeyUnknown',
      message:
        `${why} Add that key to DEALBRIDGE_KEYS behind the key that signs (or restore the file "keys" of the data folder), restart the ` +
        'connector, and the flow continues where it was. If the key is lost, turn the flow off and on: the trigger then starts from the beginning.',
      details: [{ field: 'triggerstate', message: why }],
    })
  }
}
