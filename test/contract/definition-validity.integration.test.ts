import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { definitions } from '../host/definitions.ts'
import type { Json } from '../host/host.ts'
import { startPairDirectly } from '../started-pair.ts'

/** Null where a general validator of OpenAPI 2.0 takes it, schema and specification both; else what it says. It writes into what it is given. */
async function refusal(definition: Json): Promise<string | null> {
  const given = structuredClone(definition) as unknown as Parameters<typeof SwaggerParser.validate>[0]
  try {
    await SwaggerParser.validate(given, { resolve: { external: false } })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

test.each(definitions)('the definition for %s is OpenAPI 2.0 to a general validator', async (_, definition) =>
  expect(await refusal(definition)).toBeNull(),
)

describe('a definition that is broken is refused', () => {
  const [, sound] = definitions[0]!
  const dig = (json: unknown, ...path: string[]): Json => path.reduce((found, key) => found[key] as Json, json as Json)
  const getDeal = ['paths', '/v1/deals/{dealId}', 'get'] as const
  test.each<[string, (definition: Json) => unknown, RegExp]>([
    ['a word that is none of OpenAPI', (definition) => (dig(definition, ...getDeal)['outcome'] = 1), /additional properties/],
    ['a type that is none', (definition) => (dig(definition, 'definitions', 'StageResponse', 'properties', 'id')['type'] = 'int'), /type/],
    ['a path without its parameter', (definition) => (dig(definition, ...getDeal)['parameters'] = []), /dealId/],
    ['an operation twice', (definition) => (dig(definition, ...getDeal)['operationId'] = 'GetStage'), /GetStage/],
    [
      'a definition that is not there',
      (definition) => (dig(definition, ...getDeal, 'responses', '200')['schema'] = { $ref: '#/definitions/Nothing' }),
      /Nothing/,
    ],
    [
      'a required property that is not there',
      (definition) => (dig(definition, 'paths', '/v1/activities', 'post', 'parameters', '0', 'schema')['required'] = ['nothing']),
      /nothing/,
    ],
  ])('%s', async (_, change, message) => {
    const broken = structuredClone(sound)
    change(broken)
    expect(await refusal(broken)).toMatch(message)
  })
})

describe('a running connector', () => {
  let pair: Awaited<ReturnType<typeof startPairDirectly>>
  beforeAll(async () => void (pair = await startPairDirectly()))
  afterAll(() => pair.cleanUp())

  test('serves a definition that the validator takes', async () => {
    const served = (await (await fetch(`${pair.url}/swagger.json`)).json()) as Json
    expect(served['host']).toBe(new URL(pair.url).host)
    expect(await refusal(served)).toBeNull()
  })
})
