import { DealbridgeError } from './dealbridge-error.ts'

/** 429: one of this connector's own limits is used up. Nothing was sent to Pipedrive; the same call passes after `seconds`. */
export class RateLimitExceeded extends DealbridgeError {
  constructor(seconds: number) {
    super({
      status: 429,
      code: 'RateLimitExceeded',
      message: `Rate limit is exceeded. Try again in ${seconds} seconds.`,
      retryAfterSeconds: seconds,
    })
  }
}
