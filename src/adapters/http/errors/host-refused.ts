import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 421: the request names a host that this server is not. A page on the internet whose name resolves to this address sends such requests. */
export class HostRefused extends DealbridgeError {
  constructor(name: string) {
    super({
      status: 421,
      code: 'HostRefused',
      message:
        `This server does not answer for the host ${JSON.stringify(name.slice(0, 253))}. If that is a name of this server, start it with ` +
        '--allow-host (DEALBRIDGE_ALLOW_HOST), or with --public-url if callers use it; otherwise call it by localhost.',
    })
  }
}
