import { DealbridgeError } from './dealbridge-error.ts'

/** 503: a text in the database is sealed with a key that is not on this process's key ring. */
export class SealKeyUnknown extends DealbridgeError {
  constructor(keyId: string) {
    super({
      status: 503,
      code: 'SealKeyUnknown',
      message:
        `The API key of this connection is sealed with the key "${keyId}", which is not on this server's key ring. Add that key to ` +
        'DEALBRIDGE_KEYS behind the first one (or restore the file "keys" of the data folder) and restart; every server needs the same ' +
        'ring. If the key is lost, give the connection its Pipedrive API key again.',
      retryAfterSeconds: 30,
    })
  }
}
