import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: Pipedrive has blocked the company's account (Pipedrive's status is 402). */
export class AccountBlocked extends DealbridgeError {
  constructor() {
    super({
      status: 403,
      code: 'PipedriveAccountBlocked',
      source: 'pipedrive',
      message:
        'Pipedrive has blocked this company account (402 Payment Required): the trial is over or a payment is missing. ' +
        'An administrator can resolve this in Pipedrive under Billing; then the connection works again without a change.',
    })
  }
}
