import { describe, expect, test } from 'vitest'
import { connectionsFile, flowPackageFiles, OURS, solutionFiles, standardWorkflow, template, zipOf } from './exports.fixture.ts'
import { referenceOf } from './find-steps.ts'
import { dig, run, type Json } from './run-migrate.fixture.ts'

const OF_CALLER = "@json(decodeBase64(triggerOutputs().headers['X-MS-APIM-Tokens']))['$connections']['shared_pipedrive']['connectionId']"
const add = (definition: Json, name: string, step: unknown) => (dig(definition, 'actions')[name] = step)
const odd = (name: string) => ({ type: 'ApiConnection', inputs: { host: { connection: { name } }, method: 'get', path: '/v1/deals/1' } })

describe('the key of a connection', () => {
  test.each([
    [OF_CALLER, 'shared_pipedrive'],
    [OF_CALLER.replace('.headers', "?['headers']").replaceAll("']['", "']?['"), 'shared_pipedrive'],
    ["@parameters('$connections')['a''b']['connectionId']", "a'b"],
    ["@{parameters('$connections')?['pipedrive-1']?['connectionId']}", 'pipedrive-1'],
    ["@parameters( '$connections' ).pipedrive.connectionId", 'pipedrive'],
  ])('is read from %s', (expression, key) => expect(referenceOf(expression)).toBe(key))

  test.each([
    "@coalesce(parameters('$connections')['shared_pipedrive']['connectionId'], '')",
    "@parameters('$connections')[variables('connection')]['connectionId']",
    "@parameters('$connections')['shared_pipedrive']",
    "@concat(parameters('$connections')['x']['connectionId'], '')",
    "@variables('x')",
    '',
  ])('is not guessed from %s', (expression) => expect(referenceOf(expression)).toBeUndefined())
})

test('a flow that a Power App or a button calls goes over with the connections of its caller', () => {
  const files = flowPackageFiles((flow) => add(dig(flow, 'properties', 'definition'), 'Of_caller', odd(OF_CALLER)))
  const { changed, kept } = run(zipOf(files), OURS)
  expect(changed).toContainEqual(expect.objectContaining({ step: 'Of_caller', operation: 'GetDeal' }))
  expect([changed.length, kept]).toEqual([5, []])
})

/** The name of the connection in each kind of export. */
const kinds: [kind: string, key: string, migrated: (change: (definition: Json) => void) => ReturnType<typeof run>][] = [
  [
    'a flow package',
    'shared_pipedrive',
    (change) => run(zipOf(flowPackageFiles((flow) => change(dig(flow, 'properties', 'definition')))), OURS),
  ],
  [
    'a solution',
    'shared_pipedrive',
    (change) => run(zipOf(solutionFiles({ flow: (flow) => change(dig(flow, 'properties', 'definition')) })), OURS),
  ],
  [
    'a Logic App',
    'pipedrive',
    (change) =>
      run(
        template((json) => change(dig((json['resources'] as Json[])[0], 'properties', 'definition'))),
        'dealbridge',
      ),
  ],
  [
    'a Standard Logic App',
    'pipedrive',
    (change) => {
      const workflow = JSON.parse(standardWorkflow()) as Json
      change(dig(workflow, 'definition'))
      return run(connectionsFile(), 'dealbridge', { 'deals/workflow.json': JSON.stringify(workflow) })
    },
  ],
]

describe.each(kinds)('in %s', (_, key, migrated) => {
  test.each<[string, unknown]>([
    ['in coalesce', odd(`@coalesce(parameters('$connections')['${key}']['connectionId'], 'x')`)],
    ['in a variable', odd("@variables('connection')")],
    ['in a parameter of the connections', odd("@parameters('$connections')[parameters('which')]['connectionId']")],
    ['in a host that is an expression', { type: 'OpenApiConnection', inputs: { host: "@variables('host')" } }],
    ['in inputs that are an expression', { type: 'ApiConnectionWebhook', inputs: `@parameters('inputs of ${key}')` }],
    ['of a name that no connection has', odd("@parameters('$connections')['crm']['connectionId']")],
  ])('a step that names its connection %s is reported and keeps all others', (_place, step) => {
    const { output, changed, kept } = migrated((definition) => add(definition, 'Odd', step))
    expect([output, changed]).toEqual([undefined, []])
    expect(kept).toContainEqual(expect.objectContaining({ step: 'Odd' }))
    expect(kept.find((one) => one.step === 'When_a_new_deal_is_added_(V2)')?.reason).toContain('Odd cannot be read')
    // A solution lists the connection reference too.
    expect(kept.filter(({ file }) => file !== 'customizations.xml')).toHaveLength(5)
  })

  test('a step that names another connection in an odd way does not keep other steps from moving', () => {
    const other = key === 'pipedrive' ? 'office365' : 'shared_office365'
    const step = odd(`@coalesce(parameters('$connections')['${other}']['connectionId'], 'x')`)
    const { changed, kept } = migrated((definition) => add(definition, 'Odd', step))
    expect([changed.length, kept]).toEqual([4, []])
  })

  test('a step that calls an operation the connector never had does not keep other steps from moving', () => {
    const step = odd("@variables('connection')")
    step.inputs.path = '/v2/Mail'
    const { changed, kept } = migrated((definition) => add(definition, 'Odd', step))
    expect([changed.length, kept]).toEqual([4, []])
  })
})

describe('a connection that does not say which connector it is of is reported and keeps the others', () => {
  test('in a flow package', () => {
    const files = flowPackageFiles((flow) => {
      dig(flow, 'properties', 'connectionReferences')['shared_pipedrive_1'] = { connectionName: 'x', id: "@parameters('id')" }
    })
    const { output, kept } = run(zipOf(files), OURS)
    expect(output).toBeUndefined()
    expect(kept.at(-1)).toMatchObject({ step: 'the connection shared_pipedrive_1' })
  })

  test('in connections.json', () => {
    const json = JSON.parse(connectionsFile()) as Json
    dig(json, 'managedApiConnections')['pipedrive-1'] = { api: { id: "@appsetting('PIPEDRIVE_API')" } }
    const { output, kept } = run(JSON.stringify(json), 'dealbridge', { 'deals/workflow.json': standardWorkflow() })
    expect(output).toBeUndefined()
    expect(kept.find(({ step }) => step === 'pipedrive-1')?.reason).toContain('a setting that is not in the files')
  })

  test('in a flow without a definition', () => {
    const files = flowPackageFiles((flow) => (dig(flow, 'properties')['definition'] = "@parameters('definition')"))
    expect(run(zipOf(files), OURS).kept).toMatchObject([{ step: 'the whole flow' }])
  })
})

test('a connection reference of a solution says which connector it is of where the flow does not', () => {
  const files = solutionFiles({
    flow: (flow) => delete dig(flow, 'properties', 'connectionReferences', 'shared_pipedrive')['api'],
  })
  const { changed, kept } = run(zipOf(files), OURS)
  expect([changed.length, kept]).toEqual([4, []])
})
