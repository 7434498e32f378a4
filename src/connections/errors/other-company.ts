import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: the new API key belongs to another company than the connection. Flows would silently go on in that company's data. */
export class OtherCompany extends DealbridgeError {
  constructor(has: { id: number; name: string }, given: { id: number; name: string }) {
    super({
      status: 409,
      code: 'OtherCompany',
      message:
        `This connection acts in the company ${JSON.stringify(has.name)} (${has.id}), but the new API key belongs to ` +
        `${JSON.stringify(given.name)} (${given.id}). Nothing was changed. Make another connection for that company.`,
      details: [{ field: 'apiKey', message: 'belongs to another company' }],
    })
  }
}
