import { beforeAll, beforeEach, describe, expect } from 'vitest'
import * as z from 'zod'
import { catalog } from '../../src/catalog/index.ts'
import { addedOperations, contractOperations, newOperations } from './operations.ts'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords

beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
})
beforeEach(async () => {
  seed = await findSeedRecords(world)
  world.takeRequests()
})

/** What a caller must give at least. */
function least(operation: string): Row {
  const { deal, stage, pipeline } = seed
  const inputs: Record<string, Row> = {
    GetStage: { stageId: stage },
    GetDeal: { dealId: deal },
    AddDealV2: { title: 'New' },
    AddDeal: { title: 'New' },
    UpdateDealStageV2: { dealId: deal, pipeline_id: String(pipeline), stage_id: String(stage) },
    UpdateDealStage: { dealId: deal, stage_id: String(stage) },
    UpdateDealStatus: { dealId: deal, status: 'open' },
    AddActivity: { type: 'call', subject: 'New' },
  }
  return inputs[operation] ?? {}
}

/** What is given for a parameter, and what of it must reach Pipedrive in the body of the write. */
function sample(key: string): [given: Row, written: Row] {
  const { stage, pipeline, person, organization, colleague, deal } = seed
  const same = (given: Row): [Row, Row] => [given, given]
  const samples: Record<string, [Row, Row]> = {
    title: same({ title: 'Big deal' }),
    pipeline_id: [{ stage_id: undefined, pipeline_id: String(pipeline) }, { pipeline_id: pipeline }],
    stage_id: [{ stage_id: String(stage) }, { stage_id: stage, pipeline_id: pipeline }],
    status: same({ status: 'won' }),
    value: same({ value: 1250 }),
    currency: same({ currency: 'EUR' }),
    person_id: [{ person_id: String(person) }, { person_id: person }],
    org_id: [{ org_id: String(organization) }, { org_id: organization }],
    expected_close_date: same({ expected_close_date: '2026-12-24' }),
    visible_to: [{ visible_to: 'Owner and followers' }, { visible_to: 1 }],
    lost_reason: same({ status: 'lost', lost_reason: 'Too dear' }),
    type: same({ type: 'meeting' }),
    subject: same({ subject: 'Meet' }),
    due_date: same({ due_date: '2026-12-01' }),
    due_time: same({ due_time: '09:30' }),
    duration: same({ duration: '01:30' }),
    note: same({ note: 'Bring the offer' }),
    user_id: [{ user_id: colleague }, { owner_id: colleague }],
    deal_id: same({ deal_id: deal }),
  }
  return samples[key]!
}
/** An activity's own links are numbers, and its person goes among the participants. */
const ofActivity = (key: string): [Row, Row] => {
  const { person, organization } = seed
  if (key === 'person_id') return [{ person_id: person }, { participants: [{ person_id: person, primary: true }] }]
  return key === 'org_id' ? [{ org_id: organization }, { org_id: organization }] : sample(key)
}

describe('operations', () => {
  verifies.operations('is in the catalog and answers on the wire with its own shape', async (id) => {
    const { method, path, kind, deprecated, returns } = contractOperations.find((o) => o.id === id)!
    const operation = catalog.find((o) => o.id === id)!
    expect(operation).toMatchObject({ method, path, kind })
    expect(operation.revision?.replacement !== undefined).toBe(deprecated ?? false)
    expect(operation.output.meta()).toMatchObject({ id: returns })

    const { status, body } = await world.call(id, least(id))
    expect(status).toBe(kind === 'trigger' ? 202 : 200)
    const expected = kind === 'trigger' ? [] : Object.keys((operation.output as z.ZodObject).shape)
    expect(Object.keys(body)).toEqual(expected)
  })

  verifies('output.definition', 'all stand in /swagger.json, with the host of the request', async () => {
    const { status, body } = await world.http<{ host: string; schemes: string[]; paths: Record<string, Record<string, Row>> }>(
      '/swagger.json?sets=all',
    )
    expect([status, body.host, body.schemes]).toEqual([200, 'connector.test', ['https']])
    const ids = Object.values(body.paths).flatMap((path) => Object.values(path).flatMap((operation) => operation['operationId'] ?? []))
    const expected = [...contractOperations, ...addedOperations, ...newOperations].map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set(expected))
    expect(ids).toHaveLength(expected.length)
  })

  verifies('output.lookup-data', 'a look-up keeps the data around its rows, which have what drop-downs show', async () => {
    const rows = async (id: string, input: Row = {}) => {
      const { body } = await world.call<{ data: Row[] }>(id, input)
      expect(body.data.length).toBeGreaterThan(0)
      return body.data
    }
    for (const id of ['ListPipelines', 'ListPersons', 'ListOrganizations', 'ListUsers'])
      expect(Object.keys((await rows(id))[0]!)).toEqual(['id', 'name'])
    expect(Object.keys((await rows('ListDeals'))[0]!)).toEqual(['id', 'title'])
    expect(Object.keys((await rows('ListActivityTypes'))[0]!)).toEqual(['id', 'name', 'key_string'])
    expect(Object.keys((await rows('ListCurrencies'))[0]!)).toEqual(['code', 'name'])
    const ofPipeline = await rows('ListStages', { pipeline_id: seed.pipeline })
    expect(ofPipeline[0]).toEqual({ id: seed.firstStage, name: expect.any(String) })
    expect((await rows('ListStages')).length).toBeGreaterThan(ofPipeline.length)
  })
})

describe('parameters', () => {
  verifies.parameters('has its type, and reaches Pipedrive', async (id, key) => {
    const parameter = contractOperations.find((o) => o.id === id)!.parameters.find((p) => p.key === key)!
    const { properties, required = [] } = z.toJSONSchema(catalog.find((o) => o.id === id)!.input, { io: 'input' })
    expect(properties![key]).toMatchObject({ type: parameter.type, ...(parameter.enum && { enum: parameter.enum }) })
    expect(required.includes(key)).toBe(parameter.required ?? false)

    const input = least(id)
    const wrong = { ...input, [key]: parameter.in === 'path' ? 'abc' : parameter.required ? undefined : { an: 'object' } }
    const refused = await world.call<WireError>(id, wrong)
    expect(refused.status).toBe(400)
    expect(refused.body.details.map((detail) => detail.field)).toEqual([key])

    world.takeRequests()
    const [given, written] = id === 'AddActivity' ? ofActivity(key) : parameter.in === 'path' ? [{}, {}] : sample(key)
    const both =
      id === 'UpdateDealStageV2' && key === 'pipeline_id' ? { ...input, pipeline_id: String(seed.pipeline) } : { ...input, ...given }
    expect((await world.call(id, both)).status).toBe(200)
    const sent = world.takeRequests()
    const reached = sent.find(({ method }) => method !== 'GET') ?? sent[0]!
    expect(reached.body ?? {}).toMatchObject(written)
    expect(parameter.in === 'body' || reached.path.endsWith(`/${String(input[key])}`)).toBe(true)
  })
})
