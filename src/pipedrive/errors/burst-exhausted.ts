import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 429: the requests that Pipedrive allows one API key in 2 seconds are used up. Nothing was executed. */
export class BurstExhausted extends DealbridgeError {
  constructor(seconds: number, nowMs: number) {
    const until = new Date(nowMs + seconds * 1000).toISOString()
    super({
      status: 429,
      code: 'BurstExhausted',
      source: 'pipedrive',
      message:
        `Rate limit is exceeded. Try again in ${seconds} seconds. Pipedrive's burst limit (requests of this API key within 2 seconds) ` +
        `is used up until ${until}; other programs that use the same key count too.`,
      retryAfterSeconds: seconds,
    })
  }
}
