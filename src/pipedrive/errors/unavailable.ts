import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Target } from '../target.ts'

/** 503 (504 after a timeout): Pipedrive did not answer, also after retries. Nothing was changed. */
export class Unavailable extends DealbridgeError {
  constructor(
    { method, path }: Target,
    reason: string,
    { attempts, seconds, slow, cause }: { attempts: number; seconds: number; slow: boolean; cause?: unknown },
  ) {
    super({
      status: slow ? 504 : 503,
      code: 'Unavailable',
      source: 'pipedrive',
      message:
        `Pipedrive gave no usable answer to ${method} ${path} (${attempts === 1 ? 'sent once' : `sent ${attempts} times`}): ${reason}. ` +
        `Nothing was changed by this request. Try again in ${seconds} seconds; https://status.pipedrive.com reports outages.`,
      retryAfterSeconds: seconds,
      cause,
    })
  }
}
