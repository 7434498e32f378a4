import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../src/catalog/define.ts'
import { catalog } from '../../src/catalog/index.ts'
import { ALICE, createWorld, type World } from '../contract/world.ts'
import { definitions } from './definitions.ts'
import { createHost, type Host, type Inputs, type Json } from './host.ts'

const TWO_MINUTES_MS = 120_000

const [, basic] = definitions.find(([name]) => name === 'English, Basic')!
const [, japanese] = definitions.find(([name]) => name === 'Japanese, API key')!

/** What people do in Pipedrive that each trigger tells of. */
const CHANGES: Record<string, Json | 'DELETE'> = {
  Updated: {},
  Moved: {},
  Won: { status: 'won' },
  Lost: { status: 'lost' },
  Deleted: 'DELETE',
  Done: { done: true },
}

/** What the definition promises and the answer does not keep. */
function broken(host: Host, id: string, { status, text }: { status: number; text: string }): unknown {
  const schema = host.answerSchema(id, status)
  if (!schema) return text === '' ? undefined : JSON.parse(text)
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  return validate(JSON.parse(text)) ? undefined : validate.errors
}

describe.each([
  ['as it is served', undefined],
  ['for HTTP Basic', basic],
  ['in Japanese', japanese],
])('a host that knows the definition alone, %s', (_, given) => {
  let world: World
  let host: Host
  let ids: { actions: string[]; triggers: string[]; changes: string[]; webhooks: string[] }

  beforeAll(async () => {
    world = await createWorld({ config: { callsPerMinute: 1_000_000 } })
    const definition = given ?? (await world.http<Json>('/swagger.json?sets=all')).body
    host = createHost(definition, ALICE, (url, init) => world.http(url, init))
    const seen = host.steps.filter(({ operation }) => operation['x-ms-visibility'] !== 'internal')
    const isTrigger = ({ operation }: { operation: Json }) => operation['x-ms-trigger'] !== undefined
    const [polled, webhooks] = [
      seen.filter((s) => isTrigger(s) && s.method === 'GET'),
      seen.filter((s) => isTrigger(s) && s.method === 'POST'),
    ]
    ids = {
      actions: seen.filter((s) => !isTrigger(s)).map((s) => s.id),
      triggers: polled.filter(({ fields }) => fields.length === 0).map((s) => s.id),
      changes: polled.filter(({ fields }) => fields.length > 0).map((s) => s.id),
      webhooks: webhooks.map((s) => s.id),
    }
  })

  const works = async (id: string, inputs: Inputs) => {
    const answer = await host.call(id, inputs)
    expect([id, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([id, 200, ''])
    expect(broken(host, id, answer)).toBeUndefined()
    return JSON.parse(answer.text) as Json
  }

  test('finds actions, triggers, and internal operations behind the lists', () => {
    const of = (kind: Operation['kind']) => catalog.filter((operation) => operation.kind === kind).map(({ id }) => id)
    const instants = catalog.flatMap((operation) => (operation.kind === 'trigger' && operation.instant ? [operation.instant.id] : []))
    expect(ids.actions.toSorted()).toEqual(of('action').toSorted())
    expect([...ids.triggers, ...ids.changes].toSorted()).toEqual(of('trigger').toSorted())
    expect(ids.webhooks.toSorted()).toEqual(instants.toSorted())
    const internal = host.steps.filter(({ operation }) => operation['x-ms-visibility'] === 'internal').map(({ id }) => id)
    expect(internal.toSorted()).toEqual(['EndSubscription', ...of('lookup')].toSorted())
  })

  test('fills every list, under titles that are told apart, with values that the field takes', async () => {
    let lists = 0
    for (const { id, fields } of host.steps) {
      const filled: Inputs = {}
      for (const field of fields.filter((f) => f.schema['x-ms-dynamic-list'])) {
        const offered = await host.options(field, filled, 'x-ms-dynamic-list')
        expect(offered, `${id}.${field.name}`).not.toHaveLength(0)
        expect(await host.options(field, filled, 'x-ms-dynamic-values')).toEqual(offered)
        const titles = offered.map(({ title }) => title)
        expect(titles.every((title) => typeof title === 'string' && title !== '')).toBe(true)
        expect(new Set(titles).size, `${id}.${field.name}`).toBe(titles.length)
        filled[field.name] = offered.at(-1)!.value
        lists++
      }
    }
    const choices = Object.values(ids)
      .flat()
      .flatMap((id) => host.steps.find((step) => step.id === id)!.fields)
      .filter((f) => f.schema['x-ms-dynamic-list'])
    expect(choices.length).toBeGreaterThan(0)
    expect(lists).toBe(choices.length)
  })

  test('is answered by every look-up as the definition says, with all inputs and with none', async () => {
    const lookups = host.steps.filter(({ method, operation }) => method === 'GET' && operation['x-ms-visibility'] === 'internal')
    const pipeline = host.step('AddDealV2').fields.find((f) => f.name === 'pipeline_id')!
    const [{ value: pipeline_id } = { value: undefined }] = await host.options(pipeline, {}, 'x-ms-dynamic-list')
    for (const { id, fields } of lookups) {
      await works(id, {})
      if (fields.some((f) => f.name === 'pipeline_id')) await works(id, { pipeline_id })
    }
    expect(lookups.length).toBeGreaterThanOrEqual(8)
  })

  test('is offered the stages of the pipeline that was chosen, and without one all, each with its pipeline', async () => {
    const field = (id: string, name: string) => host.step(id).fields.find((f) => f.name === name)!
    const pipelines = await host.options(field('AddDealV2', 'pipeline_id'), {}, 'x-ms-dynamic-list')
    const [all, ...each] = await Promise.all(
      [undefined, ...pipelines.map(({ value }) => value)].map((pipeline_id) =>
        host.options(field('AddDealV2', 'stage_id'), { pipeline_id }, 'x-ms-dynamic-list'),
      ),
    )
    expect(each.flat().map(({ value }) => value)).toEqual(all!.map(({ value }) => value))
    const named = each.flatMap((stages, at) => stages.map(({ title }) => `${title as string} (${pipelines[at]!.title as string})`))
    expect(all!.map(({ title }) => title)).toEqual(named)
  })

  // Those of objects are run with every field by test/objects.
  const isContracted = ({ path }: { path: string }) => !path.startsWith('/v2/')

  test('runs every action with what is required, and with everything', async () => {
    for (const id of ids.actions.filter((one) => isContracted(host.step(one)))) {
      for (const which of ['required', 'all'] as const) await works(id, await host.inputs(id, which))
    }
  })

  test('runs a step with every value of every choice, and gets an error for another one', async () => {
    for (const { id, fields } of host.steps.filter(isContracted)) {
      for (const field of fields.filter((f) => f.schema['enum'])) {
        const shown = field.schema['x-ms-enum-values'] as { value: string }[]
        for (const { value } of shown) {
          const { id: dealId } = await works('AddDealV2', { title: `${id} ${value}` })
          await works(
            id,
            await host.inputs(id, 'required', { dealId, [field.name]: value }).then((inputs) => ({ ...inputs, [field.name]: value })),
          )
        }
        const wrong = await host.call(id, { ...(await host.inputs(id, 'required')), [field.name]: 'colourful' })
        expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining(field.name)])
      }
    }
  })

  test('reads every record that is offered, null only where the definition announces it', async () => {
    for (const id of ['GetDeal', 'GetStage']) {
      const field = host.step('UpdateDealStageV2').fields.find((f) => f.name === (id === 'GetDeal' ? 'dealId' : 'stage_id'))!
      const offered = await host.options(field, {}, 'x-ms-dynamic-list')
      expect(offered.length).toBeGreaterThan(5)
      for (const { value } of offered) await works(id, { [host.step(id).fields[0]!.name]: value })
    }
  })

  test('starts flows: first nothing, then what is new, then nothing again', async () => {
    for (const id of ids.triggers) {
      const first = await host.call(id)
      expect([first.status, broken(host, id, first)]).toEqual([202, undefined])
      const deal = await works('AddDealV2', { title: `For ${id}` })
      await works('AddActivity', await host.inputs('AddActivity', 'required', { deal_id: deal['id'] }))
      world.clock.advance(TWO_MINUTES_MS)
      const second = await host.follow(first.headers.get('location')!)
      expect([second.status, broken(host, id, second)]).toEqual([200, undefined])
      expect(JSON.parse(second.text)).toHaveLength(1)
      world.clock.advance(TWO_MINUTES_MS)
      const third = await host.follow(second.headers.get('location')!)
      expect([third.status, broken(host, id, third)]).toEqual([202, undefined])
    }
  })

  test('starts flows on changes of what its filters ask for, and not of anything else', async () => {
    for (const id of ids.changes) {
      const filters = await host.inputs(id, 'all')
      const isDeal = id.startsWith('TrigDeal')
      const [path, wanted, name] = isDeal
        ? (['/api/v2/deals', { owner_id: filters['owner_id'] }, 'title'] as const)
        : (['/api/v2/activities', { owner_id: filters['owner_id'], type: filters['type'] }, 'subject'] as const)
      const place = isDeal ? { stage_id: Number(filters['stage_id']) } : {}
      const elsewhere = isDeal ? { stage_id: (await anotherStage(place.stage_id!))['id'] } : {}
      const add = async (more: Json) => (await world.pipedrive('POST', path, { ...wanted, [name]: 'Before', ...more }))['id'] as number
      const [record, other] = [await add(id === 'TrigDealMoved' ? elsewhere : place), await add(isDeal ? place : { type: 'meeting' })]
      world.clock.advance(TWO_MINUTES_MS)

      const first = await host.call(id, filters)
      expect([first.status, broken(host, id, first)]).toEqual([202, undefined])
      const change = CHANGES[id.replace(/^Trig(Deal|Activity)/, '')]!
      const happen = (at: number, more: Json) =>
        change === 'DELETE' ? world.pipedrive('DELETE', `${path}/${at}`) : world.pipedrive('PATCH', `${path}/${at}`, { ...change, ...more })
      await happen(record, id === 'TrigDealMoved' ? place : { ...(id.endsWith('Updated') && { [name]: 'After' }) })
      if (change !== 'DELETE') await happen(other, isDeal ? elsewhere : { [name]: 'After' })
      world.clock.advance(TWO_MINUTES_MS)

      const second = await host.follow(first.headers.get('location')!)
      expect([id, second.status, broken(host, id, second)]).toEqual([id, 200, undefined])
      expect((JSON.parse(second.text) as Json[]).map((row) => row['id'])).toEqual([record])
      world.clock.advance(TWO_MINUTES_MS)
      const third = await host.follow(second.headers.get('location')!)
      expect([id, third.status, broken(host, id, third)]).toEqual([id, 202, undefined])
    }
  })

  /** A stage of another pipeline: neither filter fits. */
  async function anotherStage(id: number): Promise<Json> {
    const stages = (await world.pipedrive('GET', '/api/v2/stages?limit=500')) as unknown as Json[]
    const pipeline = stages.find((stage) => stage['id'] === id)!['pipeline_id']
    return stages.find((stage) => stage['pipeline_id'] !== pipeline)!
  }

  test('finds that the connection works by the operation that is named for it', async () => {
    const definition = given ?? (await world.http<Json>('/swagger.json?sets=all')).body
    const { testConnection } = definition['x-ms-capabilities'] as { testConnection: { operationId: string; parameters: Inputs } }
    await works(testConnection.operationId, testConnection.parameters)
    const stranger = createHost(definition, 'not-a-key', (url, init) => world.http(url, init))
    expect((await stranger.call(testConnection.operationId, testConnection.parameters)).status).toBe(401)
  })
})

test('an answer that breaks the definition would be noticed', () => {
  const host = createHost(basic, ALICE, () => Promise.reject(new Error('not called')))
  const stage = (body: object) => broken(host, 'GetStage', { status: 200, text: JSON.stringify(body) })
  expect(stage({ id: 1, name: 'Won' })).toBeUndefined()
  for (const wrong of [{ id: 1 }, { id: '1', name: 'Won' }, { id: 1, name: null }, { id: 1, name: 'Won', colour: 'red' }])
    expect(stage(wrong)).toBeDefined()
})
