import type { Walk } from '../walker.ts'

export const webhooks: Walk = async (ask) => {
  const hook = { subscription_url: 'http://127.0.0.1:9/', event_action: 'change', event_object: 'deal', name: 'Conformance' }
  const { id } = await ask('POST', '/v1/webhooks', { body: { ...hook, http_auth_user: 'user', http_auth_password: 'secret' } })
  await ask('POST', '/v1/webhooks', { body: { ...hook, event_action: '*', event_object: '*', version: '2.0' } })
  await ask('GET', '/v1/webhooks')
  await ask('DELETE', '/v1/webhooks/{id}', { params: { id } })
}
