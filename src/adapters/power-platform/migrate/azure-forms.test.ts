import { describe, expect, test } from 'vitest'
import { connectionsFile, OURS, solutionFiles, standardWorkflow, template, zipOf } from './exports.fixture.ts'
import { dig, run, textsOf, type Json } from './run-migrate.fixture.ts'

const THERE = "[resourceId('Microsoft.Web/customApis', 'dealbridge')]"
const GROUP = '/subscriptions/1/resourceGroups/sales'
const MANAGED_ID = '/subscriptions/1/providers/Microsoft.Web/locations/westeurope/managedApis/pipedrive'
const CONNECTION = { connectionId: `${GROUP}/providers/Microsoft.Web/connections/pipedrive`, connectionName: 'pipedrive', id: MANAGED_ID }
const definition = (): Json => dig((JSON.parse(template()) as { resources: Json[] }).resources[0], 'properties', 'definition')
const outputOf = ({ output }: { output?: Uint8Array }): string => Buffer.from(output!).toString()

describe('the id of a connection in a template may be written', () => {
  const given = (id: string, more: (json: Json) => void = () => {}) =>
    template((json) => {
      const [workflow, connection] = json['resources'] as Json[]
      dig(workflow, 'properties', 'parameters', '$connections', 'value', 'pipedrive')['id'] = id
      dig(connection, 'properties', 'api')['id'] = id
      dig(json, 'parameters')['api'] = { type: 'string', defaultValue: 'Pipedrive' }
      Object.assign(dig(json, 'variables'), {
        api: 'pipedrive',
        apis: { crm: 'pipedrive' },
        base: "[concat(subscription().id, '/providers/Microsoft.Web/locations/', parameters('location'), '/managedApis/')]",
      })
      more(json)
    })

  test.each([
    "[subscriptionResourceId('Microsoft.Web/locations/managedApis', parameters('location'), 'pipedrive')]",
    "[subscriptionResourceId('Microsoft.Web/locations/managedApis', parameters('location'), variables('api'))]",
    "[resourceId(subscription().subscriptionId, 'Microsoft.Web/locations/managedApis', 'westeurope', parameters('api'))]",
    "[extensionResourceId(subscription().id, 'Microsoft.Web/locations/managedApis', 'westeurope/pipedrive')]",
    "[format('{0}/providers/Microsoft.Web/locations/{1}/managedApis/{2}', subscription().id, parameters('location'), 'pipedrive')]",
    "[format('{0}/providers/Microsoft.Web/locations/{1}/managedApis/pipedrive', subscription().id, parameters('location'))]",
    "[concat(variables('base'), toLower(parameters('api')))]",
    "[concat(variables('base'), variables('apis').crm)]",
    "[ concat( variables('BASE') , variables('apis')['crm'] ) ]",
  ])('%s', (id) => {
    const { changed, kept, ...rest } = run(given(id), 'dealbridge')
    expect([changed.length, kept]).toEqual([4, []])
    expect(outputOf(rest)).not.toContain(JSON.stringify(id).slice(1, -1))
    expect(outputOf(rest).split(THERE)).toHaveLength(3)
  })

  test('as a member of a variable, which is then what changes', () => {
    const { changed, ...rest } = run(
      given("[variables('apis').ids.crm]", (json) => (dig(json, 'variables', 'apis')['ids'] = { crm: MANAGED_ID })),
      'dealbridge',
    )
    expect(changed).toHaveLength(4)
    expect(JSON.parse(outputOf(rest))).toMatchObject({ variables: { apis: { ids: { crm: THERE } } } })
  })

  test.each([
    "[if(equals(1, 1), variables('base'), 'pipedrive')]",
    "[concat(variables('base'), reference('x').outputs.name.value)]",
    "[concat(variables('base'), parameters('missing'))]",
    '[concat(',
  ])('in a way that only the deployment knows: %s is reported', (id) => {
    const { output, kept } = run(given(id), 'dealbridge')
    expect([output, kept.length]).toEqual([undefined, 5])
  })

  test('in the parameter of a nested deployment, as Bicep writes modules', () => {
    const inner = JSON.parse(given("[parameters('apiId')]")) as Json
    const parameters = { apiId: { value: "[concat(variables('base'), 'pipedrive')]" }, location: { value: 'westeurope' } }
    const outer = {
      variables: { base: "[format('{0}/managedApis/', subscription().id)]" },
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          properties: {
            expressionEvaluationOptions: { scope: 'inner' },
            parameters,
            template: { ...inner, variables: { base: 'x', sharepoint_id: 'x' } },
          },
        },
      ],
    }
    const { changed, kept, ...rest } = run(JSON.stringify(outer), 'dealbridge')
    expect([changed.length, kept]).toEqual([4, []])
    expect(outputOf(rest)).toBe(
      JSON.stringify(outer)
        .replace(JSON.stringify(parameters.apiId.value), JSON.stringify(THERE))
        .replace(
          '"name":"pipedrive","type":"Microsoft.Web/locations/managedApis"',
          '"name":"dealbridge","type":"Microsoft.Web/customApis"',
        ),
    )
  })
})

describe('a Logic App without a template', () => {
  test.each<[string, Json]>([
    ['its code view', { $connections: { value: { pipedrive: CONNECTION } }, definition: definition() }],
    [
      'the portal and az rest',
      { id: 'x', properties: { definition: definition(), parameters: { $connections: { value: { pipedrive: CONNECTION } } } } },
    ],
    [
      'PowerShell',
      { Name: 'x', Properties: { definition: definition(), parameters: { $connections: { value: { pipedrive: CONNECTION } } } } },
    ],
  ])('as %s shows it goes over', (_, json) => {
    const text = JSON.stringify(json, null, 2)
    const { kind, changed, kept, ...rest } = run(text, 'dealbridge')
    expect([kind, changed.length, kept]).toEqual(['Logic App', 4, []])
    expect(outputOf(rest)).toBe(text.replace(MANAGED_ID, `${GROUP}/providers/Microsoft.Web/customApis/dealbridge`))
  })

  test('whose connections are not in the file is reported', () => {
    const { output, kept } = run(JSON.stringify({ definition: definition() }), 'dealbridge')
    expect([output, kept.length]).toEqual([undefined, 4])
    expect(kept[0]!.reason).toContain('its connection pipedrive is not among the connections')
  })
})

test('a template with comments and trailing commas goes over, and keeps them', () => {
  const given = `// of sales\n${template()
    .replaceAll('"type": "string",', '"type": "string", /* a "name" */')
    .replaceAll(/(\}|\])(\n\s*[}\]])/g, '$1,$2')}`
  expect(() => JSON.parse(given) as unknown).toThrow('JSON')
  const { changed, kept, ...rest } = run(given, 'dealbridge')
  expect([changed.length, kept]).toEqual([4, []])
  const pipedrive = outputOf(run(template(), 'dealbridge'))
  expect(outputOf(rest)).toBe(
    `// of sales\n${pipedrive.replaceAll('"type": "string",', '"type": "string", /* a "name" */').replaceAll(/(\}|\])(\n\s*[}\]])/g, '$1,$2')}`,
  )
})

test('a template with the API connection alone is reported, not taken for empty', () => {
  const given = template((json) => (json['resources'] as Json[]).shift())
  expect(run(given, 'dealbridge').kept).toMatchObject([{ step: 'the API connection pipedrive' }])
})

describe('a connection of a Standard Logic App whose id is', () => {
  const given = (id: string, connectionId?: string) => {
    const json = JSON.parse(connectionsFile()) as Json
    const pipedrive = dig(json, 'managedApiConnections', 'pipedrive')
    dig(pipedrive, 'api')['id'] = id
    if (connectionId) dig(pipedrive, 'connection')['id'] = connectionId
    return JSON.stringify(json)
  }
  const project = (parameters: Json) => ({ 'deals/workflow.json': standardWorkflow(), 'parameters.json': JSON.stringify(parameters) })

  test('a parameter is resolved by parameters.json', () => {
    const parameters = { api: { type: 'String', value: MANAGED_ID }, id: { type: 'String', value: CONNECTION.connectionId } }
    const { changed, ...rest } = run(given("@parameters('api')", "@parameters('id')"), 'dealbridge', project(parameters))
    expect(changed).toHaveLength(4)
    expect(JSON.parse(outputOf(rest))).toMatchObject({
      managedApiConnections: {
        pipedrive: { api: { id: `${GROUP}/providers/Microsoft.Web/customApis/dealbridge` }, connection: { id: "@parameters('id')" } },
      },
    })
  })

  test('a part of one is too', () => {
    const id = "/subscriptions/@{appsetting('SUBSCRIPTION')}/providers/Microsoft.Web/locations/x/managedApis/@{parameters('name')}"
    expect(run(given(id), 'dealbridge', project({ name: { value: 'pipedrive' } })).changed).toHaveLength(4)
  })

  test('the parameters come in the zip of the project too', () => {
    const files = { 'connections.json': given("@parameters('api')"), ...project({ api: { value: MANAGED_ID } }) }
    const { output, changed } = run(zipOf(files), 'dealbridge')
    expect(changed).toHaveLength(4)
    expect(textsOf(output!)['parameters.json']).toBe(files['parameters.json'])
  })

  test.each([
    "@parameters('api')",
    "@appsetting('PIPEDRIVE_API')",
    "/x/managedApis/@{appsetting('NAME')}",
    "@{appsetting('A')}/managedApis/@{parameters('b')}",
  ])('%s and known to the app alone is reported with each step', (id) => {
    const { output, kept } = run(given(id), 'dealbridge', project({}))
    expect(output).toBeUndefined()
    expect(kept).toHaveLength(4)
    for (const { reason } of kept) expect(reason).toContain('Write the id out')
  })
})

test('where nothing can be read but the name of the connector is there, the place is reported', () => {
  const { kept } = run(JSON.stringify({ definition: { actions: {} }, parameters: { pipedrive: { value: 1 } } }), 'dealbridge')
  expect(kept).toMatchObject([{ step: 'parameters/pipedrive' }])
  const flow = (json: Json) => (dig(json, 'properties')['connectionReferences'] = {})
  const files = solutionFiles({ flow, more: { 'customizations.xml': '<x/>' } })
  expect(run(zipOf(files), OURS).kept.length).toBeGreaterThan(3)
})

test('a solution that has the name of the connector in an unknown place alone is reported too', () => {
  const flow = (json: Json) => (json['properties'] = {})
  const more = { 'customizations.xml': '<x/>', 'bots/a/data': 'connector: shared_pipedrive', 'Other/odd.json': '{"a":1,"a":2}' }
  expect(run(zipOf(solutionFiles({ flow, more })), OURS).kept).toMatchObject([{ file: 'bots/a/data', step: 'the whole file' }])
})

test('a file that only has the word in a sentence has nothing to migrate', () =>
  expect(() => run(JSON.stringify({ definition: { actions: {}, description: 'New deals – Pipedrive' } }), 'dealbridge')).toThrow(
    'nothing to migrate',
  ))
