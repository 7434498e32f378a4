import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 401: /metrics shows what companies spend, so it requires a token. */
export class MetricsTokenRefused extends DealbridgeError {
  constructor(configured: boolean) {
    super({
      status: 401,
      code: 'MetricsTokenRefused',
      message: configured
        ? 'Send "Authorization: Bearer <token>" with the value of DEALBRIDGE_METRICS_TOKEN. The admin token does not open the metrics.'
        : 'This server has no token for its metrics. Start it with DEALBRIDGE_METRICS_TOKEN, and send that as "Authorization: Bearer <token>".',
    })
  }
}
