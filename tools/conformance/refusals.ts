import type { Request } from './walker.ts'

/** A Refusal is a request whose answer is one of the errors that the specification describes. */
export interface Refusal extends Request {
  method: string
  path: string
  status: number
  key?: string
}

const nowhere = '00000000-0000-4000-8000-000000000000'
const lead = { params: { id: nowhere }, status: 404 }
const hook = { subscription_url: 'not a URL', event_action: 'change', event_object: 'deal', name: 'Conformance' }
const stranger = { key: 'nobody', status: 401 }

export const refusals: readonly Refusal[] = [
  { method: 'POST', path: '/api/v2/deals/{id}/convert/lead', params: { id: 999_999 }, status: 404 },
  { method: 'GET', path: '/api/v2/deals/{id}/convert/status/{conversion_id}', params: { id: 1, conversion_id: nowhere }, status: 404 },
  { method: 'POST', path: '/api/v2/leads/{id}/convert/deal', ...lead, body: {} },
  {
    method: 'GET',
    path: '/api/v2/leads/{id}/convert/status/{conversion_id}',
    params: { id: nowhere, conversion_id: nowhere },
    status: 404,
  },
  { method: 'GET', path: '/v1/leads/{id}', ...lead },
  { method: 'PATCH', path: '/v1/leads/{id}', ...lead, body: { title: 'Nobody' } },
  { method: 'DELETE', path: '/v1/leads/{id}', ...lead },
  { method: 'PATCH', path: '/v1/leadLabels/{id}', ...lead, body: { name: 'Nothing' } },
  { method: 'DELETE', path: '/v1/leadLabels/{id}', ...lead },
  { method: 'GET', path: '/v1/users/me', ...stranger },
  { method: 'GET', path: '/v1/users/{id}', params: { id: 1 }, status: 404 },
  { method: 'GET', path: '/v1/userSettings', ...stranger },
  { method: 'GET', path: '/v1/webhooks', ...stranger },
  { method: 'POST', path: '/v1/webhooks', ...stranger, body: hook },
  { method: 'POST', path: '/v1/webhooks', status: 400, body: hook },
  { method: 'DELETE', path: '/v1/webhooks/{id}', ...stranger, params: { id: 1 } },
  { method: 'DELETE', path: '/v1/webhooks/{id}', params: { id: 1 }, key: 'sandbox-bob', status: 403 },
  { method: 'DELETE', path: '/v1/webhooks/{id}', params: { id: 999_999 }, status: 404 },
]
