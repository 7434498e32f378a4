import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 429: too many keys from one network address were refused, or wait for Pipedrive's answer, which looks like guessing. */
export class TooManyRefusedKeys extends DealbridgeError {
  constructor(seconds: number) {
    super({
      status: 429,
      code: 'TooManyRefusedKeys',
      message: `Rate limit is exceeded. Try again in ${seconds} seconds. Too many API keys or tokens from this network address were refused, or are still being checked. Behind a proxy, --trusted-proxies lets the server tell the callers apart.`,
      retryAfterSeconds: seconds,
    })
  }
}
