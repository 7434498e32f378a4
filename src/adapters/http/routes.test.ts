import { expect, test } from 'vitest'
import { catalog } from '../../catalog/index.ts'
import { allowedMethods, noRoute, operationRoutes } from './routes.ts'

test('no two operations of the catalog share a method and a path', () => {
  const keys = catalog.map((operation) => `${operation.method} ${operation.path}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('every path parameter is an input of its operation', () => {
  for (const route of operationRoutes(catalog))
    for (const key of route.pathKeys) expect(Object.keys(route.operation.input.shape), route.path).toContain(key)
})

test('the methods of a path do not depend on the id or on a slash at the end', () => {
  expect(allowedMethods(catalog, '/v1/deals')).toEqual(expect.arrayContaining(['GET', 'HEAD', 'POST', 'OPTIONS']))
  expect(allowedMethods(catalog, '/v1/deals/')).toEqual(allowedMethods(catalog, '/v1/deals'))
  expect(allowedMethods(catalog, '/v1/deals/anything')).toEqual(['GET', 'HEAD', 'OPTIONS'])
  expect(allowedMethods(catalog, '/v3/deals')).toEqual([])
})

test.each([
  ['GET', '/v1/deal/7', 'GET /v1/deals/{dealId}'],
  ['GET', '/v1/activitytypes', 'GET /v1/activityTypes'],
  ['GET', '/v1/stage', 'GET /v1/stages'],
  ['POST', '/conector-v2/v1/deals', 'POST /connector-v2/v1/deals'],
  ['PUT', '/update_status_deals/v1/deals/12345', 'PUT /update_status_deal/v1/deals/{dealId}'],
])('%s %s is a 404 that names %s', (method, path, nearest) => {
  expect(noRoute(catalog, method, path)).toMatchObject({
    status: 404,
    code: 'RouteNotFound',
    message: expect.stringContaining(nearest) as string,
  })
})

test('a path like no other points to the list of all routes, however long it is', () => {
  const error = noRoute(catalog, 'GET', `/${'wp-admin.php'.repeat(1000)}`)
  expect(error.message).toContain('GET /swagger.json')
  expect(error.message.length).toBeLessThan(300)
})

test('a known path with another method is a 405 that lists the right ones', () => {
  expect(noRoute(catalog, 'DELETE', '/v1/deals/7')).toMatchObject({
    status: 405,
    code: 'MethodNotAllowed',
    allow: ['GET', 'HEAD', 'OPTIONS'],
  })
})
