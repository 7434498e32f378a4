import { DealbridgeError } from './dealbridge-error.ts'

/** 500: a sealed text in the database was changed, truncated, or copied from another row. */
export class SealBroken extends DealbridgeError {
  constructor(cause?: unknown) {
    super({
      status: 500,
      code: 'SealBroken',
      message:
        'The API key of this connection cannot be unsealed: its row in the database was changed, or was sealed by another installation with ' +
        'a ring key of the same id. Give the connection its Pipedrive API key again (dealbridge connections change <connection> --key, or PATCH ' +
        '/api/connections/{id}), or restore the database and the key ring from the same backup.',
      cause,
    })
  }
}
