import type { UpstreamRequest } from './transport.ts'

/** The price of each request in the company's daily API tokens (`x-token-cost` in Pipedrive's OpenAPI files). */
export const TOKEN_PRICES = {
  'GET /api/v2/deals': 10,
  'GET /api/v2/deals/archived': 20,
  'GET /api/v2/deals/{id}': 1,
  'POST /api/v2/deals': 5,
  'PATCH /api/v2/deals/{id}': 5,
  'DELETE /api/v2/deals/{id}': 3,
  'GET /api/v2/activities': 10,
  'GET /api/v2/activities/{id}': 1,
  'POST /api/v2/activities': 5,
  'GET /api/v2/stages': 5,
  'GET /api/v2/stages/{id}': 1,
  'GET /api/v2/pipelines': 5,
  'GET /api/v2/persons': 10,
  'GET /api/v2/persons/{id}': 1,
  'GET /api/v2/persons/search': 20,
  'POST /api/v2/persons': 5,
  'PATCH /api/v2/persons/{id}': 5,
  'DELETE /api/v2/persons/{id}': 3,
  'GET /api/v2/personFields': 10,
  'GET /api/v2/organizations': 10,
  'GET /api/v2/organizations/{id}': 1,
  'GET /api/v2/organizations/search': 20,
  'POST /api/v2/organizations': 5,
  'PATCH /api/v2/organizations/{id}': 5,
  'DELETE /api/v2/organizations/{id}': 3,
  'GET /api/v2/organizationFields': 10,
  'GET /api/v2/dealFields': 10,
  'GET /api/v2/dealFields/{code}': 1,
  'GET /api/v1/users': 20,
  'GET /api/v1/users/me': 2,
  'GET /api/v1/users/{id}': 2,
  'GET /api/v1/activityTypes': 20,
  'GET /api/v1/currencies': 20,
  'GET /api/v1/webhooks': 10,
  'POST /api/v1/webhooks': 10,
  'DELETE /api/v1/webhooks/{id}': 6,
} as const satisfies Record<`${UpstreamRequest['method']} /api/${string}`, number>

/** The path as the price table and the ledger have it: without query, `{id}` for a number and `{code}` for a field. */
export const templatePath = (path: string): string =>
  path
    .replace(/\?.*$/, '')
    .replace(/\/\d+(?=\/|$)/g, '/{id}')
    .replace(/(\/dealFields)\/[^/]+$/, '$1/{code}')

/** The price of a request. A request that is not in the table is a bug in this program and is not sent. */
export function tokenPrice(method: string, template: string): number {
  const price = (TOKEN_PRICES as Record<string, number>)[`${method} ${template}`]
  if (price === undefined) throw new Error(`No token price is known for ${method} ${template}`)
  return price
}
