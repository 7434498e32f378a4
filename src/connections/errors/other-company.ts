import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 409: the new API key belongs to another company than the connection. Flows would silently continue in that company's data. */
export class OtherCompany extends DealbridgeError {
  constructor(current: { id: number; name: string }, offered: { id: number; name: string }) {
    super({
      status: 409,
      code: 'OtherCompany',
      message:
        `This connection acts in the company ${JSON.stringify(current.name)} (${current.id}), but the new API key belongs to ` +
        `${JSON.stringify(offered.name)} (${offered.id}). Nothing was changed. Add another connection for that company.`,
      details: [{ field: 'apiKey', message: 'belongs to another company' }],
    })
  }
}
