import type { Walk } from '../walker.ts'

export const company: Walk = async (ask) => {
  await ask('GET', '/v1/users')
  await ask('GET', '/v1/users/me')
  await ask('GET', '/v1/users/{id}', { params: { id: 21470311 } })
  await ask('GET', '/v1/users/find', { query: { term: 'al', search_by_email: '0' } })
  await ask('GET', '/v1/userSettings')
  await ask('GET', '/v1/permissionSets', { query: { app: 'sales' } })
  await ask('GET', '/v1/roles', { query: { start: '0', limit: '1' } })
  await ask('GET', '/v1/activityTypes')
  await ask('GET', '/v1/currencies', { query: { term: 'eur' } })
}
