import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { CERTIFIED } from './certified.ts'
import {
  connectionsFile,
  FLOW,
  flowPackageFiles,
  OURS,
  REFERENCE,
  solutionFiles,
  standardWorkflow,
  template,
  WORKFLOW,
  zipOf,
} from './exports.fixture.ts'
import { migrate, type Migration } from './migrate.ts'
import { dig, type Json } from './run-migrate.fixture.ts'
import { textFile } from './text-file.ts'

const run = (bytes: Uint8Array | string, to: string, from = CERTIFIED, beside: Record<string, string> = {}): Migration =>
  migrate({
    name: 'given.json',
    bytes: Buffer.from(bytes),
    from,
    to,
    beside: Object.entries(beside).map(([name, text]) => textFile(name, Buffer.from(text))),
  })
const textsOf = (zip: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]))

const STEPS = [
  ['When_a_new_deal_is_added_(V2)', 'TrigNewDealV2'],
  ['Scope › Condition › Add_activity', 'AddActivity'],
  ['Scope › Condition › Update_deal_status', 'UpdateDealStatus'],
  ['Apply_to_each › Switch › Get_deal_by_id', 'GetDeal'],
]
const stepsOf = ({ changed }: Migration) => changed.map(({ step, operation }) => [step, operation])

describe('a flow package', () => {
  const files = flowPackageFiles()
  const bytes = zipOf(files)

  test('goes over with every step, however deep, and nothing else in it changes', () => {
    const migration = run(bytes, OURS)
    expect(migration.kind).toBe('flow package')
    expect(stepsOf(migration)).toEqual(STEPS)
    expect(migration.kept).toEqual([])
    const folder = `Microsoft.Flow/flows/${FLOW}`
    const byHand = {
      ...files,
      [`${folder}/definition.json`]: files[`${folder}/definition.json`]!.replaceAll('/apis/shared_pipedrive"', `/apis/${OURS}"`).replace(
        '"apiName":"pipedrive"',
        `"apiName":"${OURS.slice('shared_'.length)}"`,
      ),
      [`${folder}/apisMap.json`]: files[`${folder}/apisMap.json`]!.replace('"shared_pipedrive"', `"${OURS}"`),
      'manifest.json': files['manifest.json']!.replace('/apis/shared_pipedrive"', `/apis/${OURS}"`).replace(
        '"name":"shared_pipedrive"',
        `"name":"${OURS}"`,
      ),
    }
    expect(textsOf(migration.output!)).toEqual(byHand)
    expect(Object.keys(textsOf(migration.output!))).toEqual(Object.keys(files))
  })

  test('comes back byte for byte', () => {
    const there = run(bytes, OURS).output!
    expect(there).not.toEqual(Buffer.from(bytes))
    expect(run(there, CERTIFIED, OURS).output).toEqual(Buffer.from(bytes))
  })

  test('the connector may be given by its id', () =>
    expect(run(bytes, `/providers/Microsoft.PowerApps/apis/${OURS}`).output).toEqual(run(bytes, OURS).output))

  test('stays as a whole when one step calls what we do not have, and each step says why', () => {
    const odd = zipOf(
      flowPackageFiles(
        (flow) =>
          (dig(flow, 'properties', 'definition', 'actions', 'Get_items', 'inputs')['host'] = {
            apiId: '/providers/microsoft.powerapps/apis/shared_pipedrive',
            connectionName: 'shared_pipedrive',
            operationId: 'AddPersonV9',
          }),
      ),
    )
    const migration = run(odd, OURS)
    expect(migration.output).toBeUndefined()
    expect(migration.changed).toEqual([])
    expect(migration.kept.map(({ step, reason }) => [step, reason])).toEqual([
      [STEPS[0]![0], 'it shares its connection with Get_items, which cannot go over'],
      ['Get_items', 'Dealbridge has no operation AddPersonV9'],
      ...STEPS.slice(1).map(([step]) => [step, 'it shares its connection with Get_items, which cannot go over']),
    ])
  })

  test('stays when it uses our connector already, because a package names each connector once', () => {
    const both = flowPackageFiles((flow) => {
      const references = dig(flow, 'properties', 'connectionReferences')
      references['shared_ours'] = { id: `/providers/Microsoft.PowerApps/apis/${OURS}` }
    })
    const { output, kept } = run(zipOf(both), OURS)
    expect(output).toBeUndefined()
    expect(kept[0]!.reason).toContain('uses shared_new-5fdealbridge-5f1a2b3c4d5e6f7a8b already')
  })

  test('a step of the old form, which calls the address of the connector, has to be saved again first', () => {
    const old = flowPackageFiles((flow) => {
      const inputs = dig(flow, 'properties', 'definition', 'actions', 'Get_items', 'inputs')
      inputs['host'] = {
        api: { runtimeUrl: 'https://europe-001.azure-apim.net/apim/pipedrive' },
        connection: { name: "@parameters('$connections')['shared_pipedrive']['connectionId']" },
      }
    })
    expect(run(zipOf(old), OURS).kept.find(({ step }) => step === 'Get_items')?.reason).toContain('Open and save the flow in the designer')
  })

  test('a text that names the connector and is no step of it is left, and told', () => {
    const odd = flowPackageFiles(
      (flow) => (dig(flow, 'properties', 'definition', 'actions', 'Compose')['inputs'] = 'see https://x/apim/pipedrive/1'),
    )
    const { kept, changed } = run(zipOf(odd), OURS)
    expect(changed).toHaveLength(4)
    expect(kept).toEqual([
      {
        file: `Microsoft.Flow/flows/${FLOW}/definition.json`,
        step: 'properties/definition/actions/Compose/inputs',
        reason: 'the text names the connector; whether it means it, only you can say',
      },
    ])
  })
})

describe('a solution', () => {
  const files = solutionFiles()
  const bytes = zipOf(files)
  const NEW = `${REFERENCE}_dealbridge`

  test('gets its own connection reference for our connector, and nothing else changes', () => {
    const migration = run(bytes, OURS)
    expect(migration.kind).toBe('solution')
    expect(stepsOf(migration)).toEqual(STEPS)
    expect(migration.kept).toEqual([])
    const text = (name: string) => files[name] as string
    const { 'CanvasApps/cr5ba_sales_BackgroundImageUri': image, ...texts } = textsOf(migration.output!)
    const given = Object.fromEntries(Object.entries(files).filter(([, content]) => typeof content === 'string'))
    expect(texts).toEqual({
      ...given,
      'solution.xml': text('solution.xml').replace(REFERENCE, NEW),
      'customizations.xml': text('customizations.xml')
        .replace(`"${REFERENCE}"`, `"${NEW}"`)
        .replace(
          '    <connectorid>/providers/Microsoft.PowerApps/apis/shared_pipedrive',
          `    <connectorid>/providers/Microsoft.PowerApps/apis/${OURS}`,
        ),
      [WORKFLOW]: text(WORKFLOW)
        .replaceAll('/apis/shared_pipedrive"', `/apis/${OURS}"`)
        .replace('"name": "shared_pipedrive"', `"name": "${OURS}"`)
        .replace(`"${REFERENCE}"`, `"${NEW}"`),
    })
    expect(image).toBeDefined()
    expect(texts['solution.xml']!.codePointAt(0)).toBe(0xfeff)
  })

  test('comes back byte for byte', () => expect(run(run(bytes, OURS).output!, CERTIFIED, OURS).output).toEqual(Buffer.from(bytes)))

  test('a managed one is refused', () =>
    expect(() => run(zipOf(solutionFiles({ managed: true })), OURS)).toThrow('Export it unmanaged, from the environment where it is made'))

  test.each<[string, Parameters<typeof solutionFiles>[0], string]>([
    [
      'that a bot uses too',
      { more: { 'botcomponents/x/data': `connectionReference: ${REFERENCE}\n` } },
      'is used elsewhere too, in botcomponents/x/data',
    ],
    [
      'whose new name is taken',
      {
        more: {
          'customizations.xml': `${files['customizations.xml'] as string}<connectionreference connectionreferencelogicalname="${NEW}"><connectorid>x</connectorid></connectionreference>`,
        },
      },
      'there is a connection reference cr5ba_sharedpipedrive_1a2b3_dealbridge already',
    ],
    [
      'that is not in the solution',
      { more: { 'customizations.xml': '<ImportExportXml/>' } },
      'is not in this solution. Add it to the solution',
    ],
    [
      'that is tied to a packed connector',
      {
        more: {
          'customizations.xml': (files['customizations.xml'] as string).replace(
            /(apis\/shared_pipedrive<\/connectorid>\s*)(<iscustomizable)/,
            '$1<customconnectorid><connectorid>x</connectorid></customconnectorid>$2',
          ),
        },
      },
      'by a customconnectorid',
    ],
  ])('a connection reference %s stays with its steps', (_, change, reason) => {
    const { output, changed, kept } = run(zipOf(solutionFiles(change)), OURS)
    expect({ output, changed }).toEqual({ output: undefined, changed: [] })
    expect(kept.slice(0, 4).map(({ step }) => step)).toEqual(STEPS.map(([step]) => step))
    for (const one of kept.slice(0, 4)) expect(one.reason).toContain(reason)
  })

  test('of two connection references, the one without obstacles goes over', () => {
    const second = JSON.stringify({
      properties: {
        connectionReferences: {
          shared_pipedrive: { connection: { connectionReferenceLogicalName: 'cr5ba_other' }, api: { name: 'shared_pipedrive' } },
        },
        definition: {
          actions: {
            Odd: {
              type: 'OpenApiConnection',
              inputs: {
                host: {
                  connectionName: 'shared_pipedrive',
                  operationId: 'Odd',
                  apiId: '/providers/Microsoft.PowerApps/apis/shared_pipedrive',
                },
              },
            },
          },
        },
      },
    })
    const migration = run(zipOf(solutionFiles({ more: { 'Workflows/Other-1.json': second } })), OURS)
    expect(stepsOf(migration)).toEqual(STEPS)
    expect(migration.kept).toEqual([{ file: 'Workflows/Other-1.json', step: 'Odd', reason: 'Dealbridge has no operation Odd' }])
    expect(textsOf(migration.output!)['Workflows/Other-1.json']).toBe(second)
  })

  test('an app that uses the connector is reported', () => {
    const app = `<CanvasApp><ConnectionReferences>{"id":"/providers/microsoft.powerapps/apis/shared_pipedrive"}</ConnectionReferences></CanvasApp>`
    const xml = (files['customizations.xml'] as string).replace('  <Workflows>', `${app}  <Workflows>`)
    const { kept, changed } = run(zipOf(solutionFiles({ more: { 'customizations.xml': xml } })), OURS)
    expect(changed).toHaveLength(4)
    expect(kept.map(({ step }) => step)).toEqual(['an app or another component'])
  })
})

describe('a Logic App of the Consumption plan', () => {
  const MANAGED =
    "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', parameters('location'), '/managedApis/pipedrive')]"

  test('gets the id of our resource, in the workflow and in the connection', () => {
    const migration = run(template(), 'dealbridge')
    expect(migration.kind).toBe('Logic App')
    expect(stepsOf(migration)).toEqual(STEPS)
    expect(migration.kept).toEqual([])
    const byHand = template()
      .replaceAll(MANAGED, "[resourceId('Microsoft.Web/customApis', 'dealbridge')]")
      .replace(
        /"name": "pipedrive",(\s+)"type": "Microsoft.Web\/locations\/managedApis"/,
        '"name": "dealbridge",$1"type": "Microsoft.Web/customApis"',
      )
    expect(Buffer.from(migration.output!).toString()).toBe(byHand)
  })

  test('comes back byte for byte, given the id that it had', () =>
    expect(Buffer.from(run(run(template(), 'dealbridge').output!, MANAGED, 'dealbridge').output!).toString()).toBe(template()))

  test('an id behind a variable is exchanged there', () => {
    const indirect = template((json) => {
      dig(json, 'variables')['pipedrive_id'] = MANAGED
      const workflow = (json['resources'] as Json[])[0]
      dig(workflow, 'properties', 'parameters', '$connections', 'value', 'pipedrive')['id'] = "[variables('pipedrive_id')]"
    })
    const { output } = run(indirect, 'dealbridge')
    expect(JSON.parse(Buffer.from(output!).toString())).toMatchObject({
      variables: { pipedrive_id: "[resourceId('Microsoft.Web/customApis', 'dealbridge')]" },
    })
  })

  test('an id that only the deployment knows stays, with its steps', () => {
    const unknown = template((json) => {
      dig(json, 'parameters')['pipedrive_id'] = { type: 'string' }
      const workflow = (json['resources'] as Json[])[0]
      dig(workflow, 'properties', 'parameters', '$connections', 'value', 'pipedrive')['id'] = "[parameters('pipedrive_id')]"
    })
    const { output, kept } = run(unknown, 'dealbridge')
    expect(output).toBeUndefined()
    expect(kept.map(({ reason }) => reason)).toEqual(
      Array(4).fill('the template does not say which connector its connection is of. Give the parameter a default value'),
    )
  })

  test('as its code view shows it, the resource group comes from the connection', () => {
    const properties = dig(JSON.parse(template()), 'resources', '0', 'properties')
    const group = '/subscriptions/1/resourceGroups/sales'
    const code = JSON.stringify({
      definition: properties['definition'],
      parameters: {
        $connections: {
          value: {
            pipedrive: {
              connectionId: `${group}/providers/Microsoft.Web/connections/pipedrive`,
              id: '/subscriptions/1/providers/Microsoft.Web/locations/westeurope/managedApis/pipedrive',
            },
          },
        },
      },
    })
    const there = run(code, 'dealbridge').output!
    expect(Buffer.from(there).toString()).toBe(
      code.replace(
        '/subscriptions/1/providers/Microsoft.Web/locations/westeurope/managedApis/pipedrive',
        `${group}/providers/Microsoft.Web/customApis/dealbridge`,
      ),
    )
  })

  test('a path that is one expression leaves the operation open, so that the step stays', () => {
    const open = template(
      (json) =>
        (dig((json['resources'] as Json[])[0], 'properties', 'definition', 'triggers', 'When_a_new_deal_is_added_(V2)', 'inputs')['path'] =
          "@variables('path')"),
    )
    expect(run(open, 'dealbridge').kept[0]!.reason).toContain('its path is an expression')
  })

  test('a name of the Power Platform is none of Azure, and the other way round', () => {
    expect(() => run(template(), OURS)).toThrow('names no Logic Apps custom connector')
    expect(() => run(zipOf(flowPackageFiles()), 'dealbridge')).toThrow('names no connector of the Power Platform')
  })
})

describe('a Logic App of the Standard plan', () => {
  const workflows = { 'new-deals/workflow.json': standardWorkflow() }
  const escaped = (text: string) => text.replaceAll("'", '\\u0027')
  const GROUP = "/subscriptions/@{appsetting('WORKFLOWS_SUBSCRIPTION_ID')}"
  const THERE = escaped(
    `${GROUP}/resourceGroups/@{appsetting('WORKFLOWS_RESOURCE_GROUP_NAME')}/providers/Microsoft.Web/customApis/dealbridge`,
  )
  const HERE = `${GROUP}/providers/Microsoft.Web/locations/@{appsetting('WORKFLOWS_LOCATION_NAME')}/managedApis/pipedrive`

  test('gets the id of our resource in connections.json, and says what is to be done for the connection', () => {
    const migration = run(connectionsFile(), 'dealbridge', CERTIFIED, workflows)
    expect(migration.kind).toBe('Standard Logic App')
    expect(stepsOf(migration)).toEqual(STEPS)
    expect(Buffer.from(migration.output!).toString()).toBe(connectionsFile().replace(escaped(HERE), THERE))
    expect(migration.notes[0]).toContain('set connection.id and connectionRuntimeUrl of pipedrive')
    expect(migration.notes[0]).toContain('pipedrive-7')
  })

  test('comes back byte for byte, given the id that it had', () => {
    const there = run(connectionsFile(), 'dealbridge', CERTIFIED, workflows).output!
    const back = run(there, HERE, 'dealbridge', workflows).output!
    expect(Buffer.from(back).toString()).toBe(connectionsFile())
  })

  test('goes over in the zip of its project', () => {
    const given = { 'connections.json': connectionsFile(), 'host.json': '{}', ...workflows }
    const { output, changed } = run(zipOf(given), 'dealbridge')
    expect(changed.map(({ file }) => file)).toEqual(Array(4).fill('new-deals/workflow.json'))
    expect(textsOf(output!)).toEqual({
      ...given,
      'connections.json': Buffer.from(run(connectionsFile(), 'dealbridge', CERTIFIED, workflows).output!).toString(),
    })
  })

  test('a connection that no workflow uses stays', () => {
    const { output, kept } = run(connectionsFile(), 'dealbridge')
    expect(output).toBeUndefined()
    expect(kept).toEqual([
      { file: 'given.json', step: 'pipedrive', reason: 'no workflow in the folders beside the file uses this connection' },
    ])
  })

  test('its workflow.json alone has nothing to change, and the error says what has', () =>
    expect(() => run(standardWorkflow(), 'dealbridge')).toThrow('Give the connections.json in the folder above it'))
})

describe('what is none of these', () => {
  test.each<[string, Uint8Array | string, string]>([
    ['a text', 'hello', 'It is neither a zip nor JSON'],
    ['an empty file', '', 'It is neither a zip nor JSON'],
    ['JSON of another kind', '{"a":1}', 'The JSON is none of these'],
    ['broken JSON', '{"a":', 'given.json is not JSON'],
    ['a key that is there twice', '{"definition":{},"definition":{}}', 'has the key "definition" twice'],
    ['a nest of brackets', `{"definition":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`, 'nested more than 400 levels deep'],
    ['a zip of photos', zipOf({ 'a.jpg': 'x' }), 'The zip is none of these'],
    ['a canvas app', zipOf({ 'Header.json': '{}', 'Properties.json': '{}' }), 'It is a canvas app'],
    ['a folder packed with its content', zipOf({ 'Sales/solution.xml': '<x/>' }), 'Pack what is in that folder'],
    [
      'a flow without Pipedrive',
      JSON.stringify({ definition: { actions: {} } }),
      'There is nothing to migrate: no step in it uses the connector shared_pipedrive',
    ],
    ['a text of PowerShell', Buffer.from('\uFEFF{"definition":{}}', 'utf16le'), 'It is UTF-16 text'],
    ['a text that is no UTF-8', Buffer.from('{"definition":{"a":"\xff"}}', 'latin1'), 'is not UTF-8'],
  ])('%s is refused', (_, bytes, message) => expect(() => run(bytes, 'dealbridge')).toThrow(message))
})
