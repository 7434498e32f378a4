import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { zipSync } from 'fflate'
import { beforeEach, describe, expect, test } from 'vitest'
import { CERTIFIED } from '../../src/adapters/power-platform/migrate/certified.ts'
import { migrate } from '../../src/adapters/power-platform/migrate/migrate.ts'
import type { Json } from '../host/host.ts'
import { playFlow } from './play-flow.ts'
import { flowsFolder, logicAppFiles, mistakesOf, powerAutomateFiles, read, sampleFlow, type SampleFlow } from './sample-flows.ts'
import { createWorld, type Row, type World } from './world.ts'

const api = JSON.parse(readFileSync(join(flowsFolder, '../../generated/apiDefinition.swagger.json'), 'utf8')) as Json
const files = [...logicAppFiles, ...powerAutomateFiles]
const SAMPLES = [
  ['new-deal-to-http', 'NewDealToHttp'],
  ['deal-won-to-activity', 'DealWonToActivity'],
  ['form-to-deal', 'FormToDeal'],
] as const
const filesOf = (...names: string[]): string[] => files.filter((file) => names.some((name) => file.includes(name)))
const load = (file: string): SampleFlow => sampleFlow(read(file), api)

test.each(files)('%s uses what the definition has, in the types that it has', (file) => expect(mistakesOf(load(file), api)).toEqual([]))

test.each(SAMPLES)('%s says the same to both hosts', (...names) => {
  const [logicApps, powerAutomate] = filesOf(...names).map((file) =>
    load(file).steps.map(({ node, ...step }) => {
      const { recurrence, splitOn } = node
      const { schema, body } = node['inputs'] as Json
      return { ...step, recurrence, splitOn, schema, body: step.operationId === undefined ? body : undefined }
    }),
  )
  expect(logicApps).toEqual(powerAutomate)
  expect(filesOf(...names)).toHaveLength(2)
})

describe('a flow with a mistake', () => {
  const broken: [string, (text: string) => string, string][] = [
    [
      'an operation of another name',
      (text) => text.replace('"GetStage"', '"GetStages"'),
      'Get_stage_by_id calls GetStages, which is not there',
    ],
    ['a deprecated one', (text) => text.replace('"TrigNewDealV2"', '"TrigNewDeal"'), 'calls TrigNewDeal, which is deprecated'],
    ['an action as trigger', (text) => text.replace('"TrigNewDealV2"', '"ListDeals"'), 'calls ListDeals in the wrong place'],
    ['a parameter of another name', (text) => text.replace('"stageId"', '"stage_id"'), 'gives stage_id, which GetStage does not have'],
    ['a required one left out', (text) => text.replace('"stageId"', '"stage_id"'), 'does not give stageId'],
    [
      'another type',
      (text) => text.replace("triggerBody()?['stage_id']", "triggerBody()?['title']"),
      'gives stageId as string, not as integer',
    ],
    ['what can be null', (text) => text.replace("triggerBody()?['stage_id']", "triggerBody()?['next_activity_id']"), 'what can be null'],
    [
      'a property that is not answered',
      (text) => text.replace("?['person_id']?['name']", "?['person']?['name']"),
      'HTTP asks for person/name, which the trigger does not answer',
    ],
    ['a step that is not there', (text) => text.replace("body('Get_stage_by_id')", "body('Get_stage')"), 'which does not run before it'],
    ['an order that is none', (text) => text.replace('"Get_stage_by_id": [', '"Get_stage": ['), 'HTTP runs after Get_stage'],
    ['no split', (text) => text.replace('"splitOn"', '"splitOff"'), 'splits undefined, which is no list'],
    [
      'a split of nothing',
      (text) => text.replace('"splitOn": "@triggerBody()"', '"splitOn": "@triggerBody()?[\'value\']"'),
      'which is no list',
    ],
    ['haste', (text) => text.replace('"interval": 3', '"interval": 1'), 'polls every 60 s'],
  ]
  test.each(broken)('is found: %s', (_, change, mistake) => {
    const text = read(powerAutomateFiles.find((file) => file.includes('NewDealToHttp'))!)
    expect(change(text)).not.toBe(text)
    expect(mistakesOf(sampleFlow(change(text), api), api)).toContainEqual(expect.stringContaining(mistake))
  })

  test('is found in a Logic App too: a path that is not there', () => {
    const text = read('logic-apps/new-deal-to-http.json').replace('/v1/stages/', '/v3/stages/')
    expect(mistakesOf(sampleFlow(text, api), api)[0]).toContain('calls GET /v3/stages/')
  })
})

describe('played,', () => {
  let world: World
  let served: Json
  beforeEach(async () => {
    world = await createWorld()
    served = (await world.http<Json>('/swagger.json')).body
  })

  const play = (file: string, happens: () => Promise<unknown>, form?: Row) => playFlow({ flow: load(file), world, served, happens, form })
  const addDeal = async (fields: Row): Promise<number> => (await world.call('AddDealV2', fields)).body['id'] as number

  test.each(filesOf(...SAMPLES[0]))('%s tells another system of each deal that is added', async (file) => {
    await addDeal({ title: 'Before' })
    const ids: number[] = []
    const runs = await play(file, async () => {
      ids.push(await addDeal({ title: 'One', value: 1250, currency: 'EUR', stage_id: '2', person_id: '1' }))
      ids.push(await addDeal({ title: 'Two' }))
    })
    const [person, stage] = [await world.pipedrive('GET', '/api/v2/persons/1'), await world.pipedrive('GET', '/api/v2/stages/2')]
    const [one, two] = runs.map((bodies) => bodies.get('HTTP'))
    expect(one).toMatchObject({ id: ids[0], title: 'One', value: 1250, currency: 'EUR', stage: stage['name'], contact: person['name'] })
    expect(one!['owner']).toContain('@')
    expect(two).toMatchObject({ id: ids[1], title: 'Two', contact: null })
    expect(runs).toHaveLength(2)
  })

  test.each(filesOf(...SAMPLES[1]))('%s plans a call for each deal that is won', async (file) => {
    let ids: number[] = []
    const won = { status: 'won' }
    const runs = await play(file, async () => {
      ids = [
        await addDeal({ title: 'With a contact', person_id: '1' }),
        await addDeal({ title: 'Alone' }),
        await addDeal({ title: 'Open' }),
      ]
      for (const dealId of ids.slice(0, 2)) await world.call('UpdateDealStatus', { dealId, ...won })
    })
    expect(runs.map((bodies) => bodies.get('Add_activity'))).toMatchObject([
      { deal_id: ids[0], person_id: 1, subject: 'Say thanks for With a contact', type: 'call', duration: '00:15' },
      { deal_id: ids[1], subject: 'Say thanks for Alone' },
    ])
    const tomorrow = new Date(world.clock.now() + 86_400_000).toISOString().slice(0, 10)
    for (const bodies of runs) expect(bodies.get('Add_activity')!['due_date']).toBe(tomorrow)
  })

  test.each(filesOf(...SAMPLES[2]))('%s makes a deal of what was sent, and a call to make', async (file) => {
    const form = { name: 'Ada Lovelace', email: 'ada@example.com', company: 'Engines', message: 'Call me "soon"', value: 900 }
    const isTaken = new Ajv().compile(((load(file).steps[0]!.node['inputs'] as Json)['schema'] as Json) ?? false)
    expect([isTaken(form), isTaken({ name: 'Ada' })]).toEqual([true, false])
    for (const sent of [form, { name: 'Bob', email: 'bob@example.com', company: 'Looms' }] as Row[]) {
      const [bodies] = await play(file, () => Promise.reject(new Error('Nothing is polled.')), sent)
      const { deal, activity } = bodies!.get('Response') as { deal: number; activity: number }
      expect(await world.pipedrive('GET', `/api/v2/deals/${deal}`)).toMatchObject({
        title: `${sent['name'] as string}, ${sent['company'] as string}`,
        value: sent['value'] ?? 0,
      })
      expect(await world.pipedrive('GET', `/api/v2/activities/${activity}`)).toMatchObject({
        deal_id: deal,
        subject: `Call ${sent['name'] as string}`,
        note: `${sent['email'] as string}: ${(sent['message'] as string | undefined) ?? ''}`,
      })
    }
  })
})

describe('the solution of the samples', () => {
  const [solution, customizations] = ['solution.xml', 'customizations.xml'].map((name) => read(`power-automate/${name}`))
  const names = [
    '[Content_Types].xml',
    'solution.xml',
    'customizations.xml',
    ...powerAutomateFiles.map((file) => file.slice('power-automate/'.length)),
  ]
  const zip = zipSync(Object.fromEntries(names.map((name) => [name, readFileSync(join(flowsFolder, 'power-automate', name))])))

  test('names each flow in all three places, and each by its id', () => {
    const flows = [...customizations!.matchAll(/<Workflow WorkflowId="\{([^}]+)\}"[^>]*>\s*<JsonFileName>\/([^<]+)</g)].map(
      ([, id, name]) => [id!, name!],
    )
    expect(flows.map(([, name]) => `power-automate/${name!}`).toSorted()).toEqual(powerAutomateFiles.toSorted())
    for (const [id, name] of flows) expect(name!.endsWith(`-${id!.toUpperCase()}.json`)).toBe(true)
    expect([...solution!.matchAll(/<RootComponent type="29" id="\{([^}]+)\}"/g)].map(([, id]) => id)).toEqual(flows.map(([id]) => id))
  })

  test('goes over to a custom connector with every step', () => {
    const { changed, kept, kind } = migrate({ name: 'samples.zip', bytes: zip, from: CERTIFIED, to: 'shared_dbridge-5fpipedrive-5f1a2b' })
    const calls = powerAutomateFiles.flatMap((file) => load(file).steps.flatMap(({ operationId }) => operationId ?? []))
    expect([kind, kept]).toEqual(['solution', []])
    expect(changed.map(({ operation }) => operation).toSorted()).toEqual(calls.toSorted())
  })
})

test.each(logicAppFiles)('the template %s declares its parameters, uses each, and has no key in it', (file) => {
  const { parameters, ...rest } = JSON.parse(read(file)) as { parameters: Record<string, { type: string }> }
  const used = [...JSON.stringify(rest).matchAll(/"\[[^"]*?parameters\('(\w+)'\)/g)].map(([, name]) => name)
  expect(new Set(Object.keys(parameters))).toEqual(new Set(used))
  expect(parameters['apiKey']).toMatchObject({ type: 'securestring' })
  expect(parameters['apiKey']).not.toHaveProperty('defaultValue')
})
