import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 503: Pipedrive's firewall blocks this connection. Nothing was executed, and nothing is sent until the pause is over. */
export class FirewallBlocked extends DealbridgeError {
  constructor(seconds: number) {
    super({
      status: 503,
      code: 'FirewallBlocked',
      source: 'pipedrive',
      message:
        `Pipedrive's firewall blocks this connection, as it does after too many refused or too fast requests. Nothing was executed. ` +
        `To let the block expire, nothing is sent for ${seconds} seconds. If it continues, look for another program that keeps calling with the same API key.`,
      retryAfterSeconds: seconds,
    })
  }
}
