import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 403: the key is valid, but the server is limited to other Pipedrive companies. */
export class CompanyNotAllowed extends DealbridgeError {
  constructor(companyId: number) {
    super({
      status: 403,
      code: 'CompanyNotAllowed',
      message: `This server does not serve the Pipedrive company ${companyId}. Use a key of an allowed company, or add ${companyId} to --allow-companies.`,
    })
  }
}
