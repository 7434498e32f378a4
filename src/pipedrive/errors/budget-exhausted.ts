import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 429: the company's daily API tokens are used up. Nothing was executed. */
export class BudgetExhausted extends DealbridgeError {
  constructor(seconds: number, nowMs: number) {
    const until = new Date(nowMs + seconds * 1000).toISOString()
    super({
      status: 429,
      code: 'BudgetExhausted',
      source: 'pipedrive',
      message:
        `Rate limit is exceeded. Try again in ${seconds} seconds. Your Pipedrive company has used up its daily API tokens, which all of its programs share, ` +
        `until midnight of Pipedrive's server. Its time zone is not published; UTC is assumed here (${until}). ` +
        `Company settings > API usage in Pipedrive shows which programs use them; a higher plan or a top-up raises the limit.`,
      retryAfterSeconds: seconds,
    })
  }
}
