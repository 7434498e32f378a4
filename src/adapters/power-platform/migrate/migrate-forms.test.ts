import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { CERTIFIED } from './certified.ts'
import { FLOW, flowPackageFiles, OURS, solutionFiles, template, WORKFLOW, zipOf } from './exports.fixture.ts'
import { migrate } from './migrate.ts'
import { dig, type Json } from './run-migrate.fixture.ts'

const run = (bytes: Uint8Array | string, to: string) => migrate({ name: 'given.json', bytes: Buffer.from(bytes), from: CERTIFIED, to })
const inZip = (zip: Uint8Array | undefined, name: string): string => Buffer.from(unzipSync(zip!)[name]!).toString('utf8')
const ID = '/providers/Microsoft.PowerApps/apis/'

describe('a connection of a flow package names its connector', () => {
  test.each<[string, Json, Json]>([
    ['by its id', { id: ID + CERTIFIED }, { id: ID + OURS }],
    ['by the id in api', { api: { id: ID + CERTIFIED } }, { api: { id: ID + OURS } }],
    [
      'by the name in api, with the short one beside it',
      { api: { name: CERTIFIED, apiName: 'pipedrive' } },
      { api: { name: OURS, apiName: OURS.slice('shared_'.length) } },
    ],
  ])('%s', (_, before, after) => {
    const files = flowPackageFiles((flow) => (dig(flow, 'properties', 'connectionReferences')['shared_pipedrive'] = before))
    const { output, changed } = run(zipOf(files), OURS)
    expect(changed).toHaveLength(4)
    const flow = JSON.parse(inZip(output, `Microsoft.Flow/flows/${FLOW}/definition.json`)) as Json
    expect(dig(flow, 'properties', 'connectionReferences')['shared_pipedrive']).toEqual(after)
  })
})

describe('a connection reference of a solution', () => {
  const files = solutionFiles()
  const workflow = files[WORKFLOW] as string

  test.each<[string, (reference: Json) => unknown, string[]]>([
    ['by the id in api', (reference) => (reference['api'] = { id: ID + CERTIFIED }), ['api', 'id']],
    [
      'by its id',
      (reference) => {
        delete reference['api']
        reference['id'] = ID + CERTIFIED
      },
      ['id'],
    ],
  ])('may name its connector %s', (_, change, path) => {
    const flow = JSON.parse(workflow) as Json
    change(dig(flow, 'properties', 'connectionReferences', 'shared_pipedrive'))
    const { output, changed } = run(zipOf({ ...files, [WORKFLOW]: JSON.stringify(flow, null, 2) }), OURS)
    expect(changed).toHaveLength(4)
    const after = dig(JSON.parse(inZip(output, WORKFLOW)), 'properties', 'connectionReferences', 'shared_pipedrive')
    expect(path.reduce<unknown>((found, key) => (found as Json)[key], after)).toBe(ID + OURS)
  })

  test('in a comment or in CDATA is none', () => {
    const xml = files['customizations.xml'] as string
    const element = /<connectionreference\s[^>]*>[\s\S]*?<\/connectionreference>/.exec(xml)![0]
    const other = element.replace(/connectionreferencelogicalname="[^"]*"/, 'connectionreferencelogicalname="cr5ba_hidden"')
    for (const hidden of [`<!-- ${other} -->`, `<Notes><![CDATA[${other}]]></Notes>`]) {
      const given = xml.replace('  <Workflows>', `  ${hidden}\n  <Workflows>`)
      const { output, changed, kept } = run(zipOf({ ...files, 'customizations.xml': given }), OURS)
      expect(changed).toHaveLength(4)
      expect(kept.map(({ step }) => step)).not.toContain('cr5ba_hidden')
      expect(inZip(output, 'customizations.xml')).toContain(hidden)
    }
  })
})

describe('a Logic App', () => {
  const THERE = "[resourceId('Microsoft.Web/customApis', 'dealbridge')]"

  test('in a nested deployment goes over too', () => {
    const given = JSON.parse(template()) as { resources: Json[] }
    const nested = {
      ...given,
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          name: 'inner',
          properties: { mode: 'Incremental', template: { resources: given.resources } },
        },
      ],
    }
    const { output, changed } = run(JSON.stringify(nested), 'dealbridge')
    expect(changed).toHaveLength(4)
    expect(Buffer.from(output!).toString().split(THERE)).toHaveLength(3)
  })

  test('whose connections stand as defaults in its definition goes over too', () => {
    const given = template((json) => {
      const properties = dig((json['resources'] as Json[])[0], 'properties')
      dig(properties, 'definition', 'parameters', '$connections')['defaultValue'] = dig(properties, 'parameters', '$connections')['value']
      delete properties['parameters']
    })
    const { output, changed } = run(given, 'dealbridge')
    expect(changed).toHaveLength(4)
    expect(Buffer.from(output!).toString().split(THERE)).toHaveLength(3)
  })
})
