import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAction } from '../../catalog/define.ts'
import { catalog } from '../../catalog/index.ts'
import { idText } from '../../catalog/inputs.ts'
import { fieldRules } from '../../catalog/mapping.ts'
import { dropDown } from './drop-down.ts'
import { swagger } from './swagger.ts'
import { operationsIn, type SwaggerOperation } from './swagger-document.ts'

const document = swagger(catalog, { host: 'localhost:8080', basePath: '/', schemes: ['http'] })
const operations = new Map(operationsIn(document).map(({ operation }) => [operation.operationId, operation] as const))

/** `[key, the look-up's operation, the field that is sent]` of every field with a drop-down. */
function listsOf({ parameters }: SwaggerOperation): Record<string, string> {
  const fields = parameters.flatMap((p): [string, Record<string, unknown>][] =>
    p.in === 'body' ? Object.entries(p.schema!.properties!) : [[p.name, p as Record<string, unknown>]],
  )
  return Object.fromEntries(
    fields.flatMap(([key, field]) => {
      const list = field['x-ms-dynamic-list'] as { operationId: string; itemValuePath: string } | undefined
      expect(Object.hasOwn(field, 'x-ms-dynamic-values'), key).toBe(list !== undefined)
      return list ? [[key, `${list.operationId} ${list.itemValuePath}`]] : []
    }),
  )
}

const dealId = { dealId: 'ListDeals id' }
const stage_id = { stage_id: 'ListStages id' }
const pipeline_id = { pipeline_id: 'ListPipelines id' }
const ofDeals = { ...pipeline_id, ...stage_id, owner_id: 'ListUsers id' }
const ofActivities = { owner_id: 'ListUsers id', type: 'ListActivityTypes key_string' }
const newDeal = { ...stage_id, currency: 'ListCurrencies code', person_id: 'ListPersons id', org_id: 'ListOrganizations id' }

test.each<[string, Record<string, string>]>([
  ['GetDeal', dealId],
  // The contract has no drop-down there: saved flows contain the typed id.
  ['GetStage', {}],
  ['AddDealV2', { ...pipeline_id, ...newDeal }],
  ['AddDeal', newDeal],
  ['UpdateDealStageV2', { ...dealId, ...pipeline_id, ...stage_id }],
  ['UpdateDealStage', { ...dealId, ...stage_id }],
  ['UpdateDealStatus', dealId],
  [
    'AddActivity',
    {
      type: 'ListActivityTypes key_string',
      user_id: 'ListUsers id',
      deal_id: 'ListDeals id',
      person_id: 'ListPersons id',
      org_id: 'ListOrganizations id',
    },
  ],
  ['TrigDealMoved', ofDeals],
  ['TrigDealMovedInstant', ofDeals],
  ['TrigActivityDone', ofActivities],
  ['TrigActivityDoneInstant', ofActivities],
  ['TrigNewDealV2', {}],
])('%s offers exactly these lists', (id, lists) => expect(listsOf(operations.get(id)!)).toEqual(lists))

describe('what a list is narrowed by', () => {
  const choose = (method: 'GET' | 'POST', inBody: boolean) =>
    dropDown(
      catalog,
      defineAction({
        set: 'deals',
        id: 'Odd',
        method,
        path: '/odd',
        effect: 'read',
        input: z.object({ pipeline_id: idText(), stage_id: idText() }),
        output: z.object({ id: z.int() }).meta({ id: 'Odd' }),
        fields: { id: fieldRules<{ id: number }>().field('id') },
        run: () => Promise.resolve({ id: 1 }),
      }),
      'ListStages',
      () => inBody,
    ).extensions

  test('is named with its place where it is in the body', () =>
    expect(choose('POST', true)).toMatchObject({
      'x-ms-dynamic-values': { parameters: { pipeline_id: { parameter: 'pipeline_id' } } },
      'x-ms-dynamic-list': { parameters: { pipeline_id: { parameterReference: 'body/pipeline_id' } } },
    }))

  test('is named alone where it is a parameter', () =>
    expect(choose('GET', false)).toMatchObject({
      'x-ms-dynamic-values': { parameters: { pipeline_id: { parameter: 'pipeline_id' } } },
      'x-ms-dynamic-list': { parameters: { pipeline_id: { parameterReference: 'pipeline_id' } } },
    }))

  test('every reference of the definition leads to a field of the same operation', () => {
    let references = 0
    for (const { parameters } of operations.values()) {
      const body = parameters.find((p) => p.in === 'body')?.schema?.properties ?? {}
      const names = [...parameters.filter((p) => p.in !== 'body').map((p) => p.name), ...Object.keys(body).map((key) => `body/${key}`)]
      for (const field of [...parameters, ...Object.values(body)]) {
        const list = field['x-ms-dynamic-list'] as { parameters: Record<string, { parameterReference: string }> } | undefined
        for (const { parameterReference } of Object.values(list?.parameters ?? {})) {
          expect(names).toContain(parameterReference)
          references++
        }
      }
    }
    expect(references).toBeGreaterThanOrEqual(2)
  })
})
