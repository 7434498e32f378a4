import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 501: this server was started with `--store none`, so there is nothing to manage. `without` says what works without a store. */
export class StoreMissing extends DealbridgeError {
  constructor(without = 'Until then each call brings its own Pipedrive API key.') {
    super({
      status: 501,
      code: 'StoreMissing',
      message:
        'This server keeps nothing (--store none), so it has no connections, keys, owners or subscriptions. Start it without that option, for ' +
        `the embedded store or the PostgreSQL of DATABASE_URL. ${without}`,
    })
  }
}
