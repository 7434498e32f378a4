import { expect, test } from 'vitest'
import { catalog } from '../src/catalog/index.ts'
import { en } from '../src/catalog/locales/en.ts'
import { ja } from '../src/catalog/locales/ja.ts'
import { swagger } from '../src/adapters/openapi/swagger.ts'
import { watchTexts } from './unused-texts.ts'

const place = { host: 'connector.example.com', basePath: '/', schemes: ['https'] } as const

test('a text that is not read is named', () => {
  const { texts, unused } = watchTexts({ a: { b: 'read', c: 'not read' }, d: ['read', 'not read'] })
  expect([texts.a.b, texts.d[0]]).toEqual(['read', 'read'])
  expect(unused()).toEqual(['a.c', 'd.1'])
})

test.each([
  ['English', en],
  ['Japanese', ja],
])('the two definitions show every text of a language but one, which is for the dialog of a connection: %s', (_, locale) => {
  const { texts, unused } = watchTexts(locale)
  for (const auth of ['key', 'basic'] as const) swagger(catalog, { ...place, locale: texts, auth })
  // Beside a reference hosts read no text; the reference pages show it.
  const beside = /^definitions\.\w+\.record\.(summary|description)$/
  expect(unused().filter((place) => !beside.test(place))).toEqual(['connection.api_key.summary'])
})

test('a text that is missing stops the build, wherever it is missing', () => {
  const without = (path: string) => {
    const copy = structuredClone(en) as unknown as Record<string, Record<string, unknown>>
    const keys = path.split('/')
    const owner = keys.slice(0, -1).reduce((value, key) => value[key] as typeof copy, copy)
    delete owner[keys.at(-1)!]
    return copy as unknown as typeof en
  }
  for (const path of [
    'operations/GetDeal',
    'operations/GetDeal/parameters/dealId',
    'operations/TrigNewDeal/hint',
    'definitions/DealResponse/person_id.name',
    'definitions/ListUsersResponse',
    'values/won',
    'request/typed/id',
    'responses/success',
    'info/title',
    'connection/api_key',
  ])
    expect(() => swagger(catalog, { ...place, locale: without(path) }), path).toThrow()
})
