import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { swagger } from '../../src/adapters/openapi/swagger.ts'
import { catalog } from '../../src/catalog/index.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'

/** Digests of what version 0.1 had in its definition: saved flows and makers' copies know it. They change with none of it. */
const digests = JSON.parse(readFileSync(join(import.meta.dirname, 'definition-digests.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

test.each([
  ['en', en],
  ['ja', ja],
] as const)('every operation and answer of version 0.1 is the same JSON: %s', (language, locale) => {
  const { paths, definitions } = swagger(catalog, { host: 'dealbridge.example.com', basePath: '/', schemes: ['https'], locale })
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  )
  const now = new Map<string, unknown>([...operations, ...Object.entries(definitions)])
  const expected = digests[language]!
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, digestOf(now.get(name))]))
  expect(found).toEqual(expected)
})
