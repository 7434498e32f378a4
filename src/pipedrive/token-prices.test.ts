import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { templatePath, TOKEN_PRICES, tokenPrice } from './token-prices.ts'

test('a path is identified by its template', () => {
  expect(templatePath('/api/v2/deals/12?include_fields=a')).toBe('/api/v2/deals/{id}')
  expect(templatePath('/api/v2/deals?ids=1,2')).toBe('/api/v2/deals')
  expect(templatePath('/api/v1/users/me')).toBe('/api/v1/users/me')
  expect(templatePath('/api/v1/leads/adf21080-0e10-11eb-879b-05d71fb426ec')).toBe('/api/v1/leads/{id}')
  expect(templatePath('/api/v2/deals/5/products/9')).toBe('/api/v2/deals/{id}/products/{id}')
  expect(templatePath('/api/v2/dealFields/visible_to')).toBe('/api/v2/dealFields/{code}')
})

test('a request without a known price is a mistake that shows at once', () => {
  expect(tokenPrice('GET', '/api/v2/deals/{id}')).toBe(1)
  expect(() => tokenPrice('GET', '/api/v2/leads')).toThrow('No token price is known for GET /api/v2/leads')
})

// Pipedrive's files may not be redistributed, so they lie beside the project on the machines that have them.
const specifications = new URL('../../../shared/reference/openapi/', import.meta.url)
type Specification = { paths: Record<string, Record<string, { 'x-token-cost'?: number }>> }

test.skipIf(!existsSync(specifications))("our prices are those of Pipedrive's OpenAPI files", () => {
  const load = (version: string) => parse(readFileSync(new URL(`pipedrive-${version}.yaml`, specifications), 'utf8')) as Specification
  // The ids of child records have names of their own.
  const byTemplate = ({ paths }: Specification) =>
    new Map(Object.entries(paths).map(([path, methods]) => [path.replace(/\{(?:[a-z_]+_)?id\}/g, '{id}'), methods]))
  const paths = { v1: byTemplate(load('v1')), v2: byTemplate(load('v2')) }
  const published = Object.keys(TOKEN_PRICES).map((request) => {
    const [, method, version, path] = /^(\w+) \/api\/(v[12])(\/.*)$/.exec(request)!
    return [request, paths[version as 'v1' | 'v2'].get(path!.replace('{code}', '{field_code}'))?.[method!.toLowerCase()]?.['x-token-cost']]
  })
  expect(Object.fromEntries(published)).toEqual(TOKEN_PRICES)
})
