import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  connectionsFile,
  FLOW,
  flowPackageFiles,
  OURS,
  solutionFiles,
  standardWorkflow,
  template,
  WORKFLOW,
  zipOf,
} from './exports.fixture.ts'
import type { Migration } from './migrate.ts'
import { dig, run, textsOf, type Json } from './run-migrate.fixture.ts'

/** A Form is a way to write something, and whether it can be read. */
interface Form {
  isReadable: boolean
  write: (key: string) => Json
}
const byName = (isReadable: boolean, name: (key: string) => string): Form => ({
  isReadable,
  write: (key) => ({ connection: { name: name(key) } }),
})
const OF_CALLER = "json(decodeBase64(triggerOutputs().headers['X-MS-APIM-Tokens']))['$connections']"

/** The forms in which a step may name its connection, in hosts of all kinds. */
const hosts: Form[] = [
  byName(true, (key) => `@parameters('$connections')['${key}']['connectionId']`),
  byName(true, (key) => `@{parameters('$connections')?['${key}']?['connectionId']}`),
  byName(true, (key) => `@${OF_CALLER}['${key}']['connectionId']`),
  { isReadable: true, write: (connectionName) => ({ connectionName }) },
  { isReadable: true, write: (referenceName) => ({ connection: { referenceName } }) },
  byName(false, (key) => `@coalesce(parameters('$connections')['${key}']['connectionId'], null)`),
  byName(false, (key) => `@parameters('$connections')[concat('', '${key}')]['connectionId']`),
  byName(false, () => "@variables('connection')"),
  byName(false, () => "@parameters('$connections')['gone']['connectionId']"),
  { isReadable: false, write: () => ({}) },
]

/** Where a step may be: the name in the report ends with the name of the step. */
const wrappers: ((name: string, step: Json) => Json)[] = [
  (name, step) => ({ [name]: step }),
  (name, step) => ({ [`${name}-if`]: { type: 'If', actions: {}, else: { actions: { [name]: step } } } }),
  (name, step) => ({ [`${name}-switch`]: { type: 'Switch', cases: { inputs: { actions: { [name]: step } } } } }),
  (name, step) => ({ [`${name}-each`]: { type: 'Foreach', actions: { actions: { type: 'Scope', actions: { [name]: step } } } } }),
  (name, step) => ({ [`${name}-list`]: { type: 'Odd', actions: [{ type: 'Scope', actions: { [name]: step } }] } }),
]

/** The forms in which a connection may name its connector; `{}` and expressions without a value cannot be read. */
interface Kind {
  name: string
  key: string
  connections: Form[]
  migrated: (
    change: (definition: Json, connections: Json) => void,
    write: (json: Json) => string,
  ) => { migration: Migration; before: Record<string, string>; after: () => Record<string, string> }
}
const POWER = '/providers/Microsoft.PowerApps/apis/shared_pipedrive'
const AZURE = '/providers/Microsoft.Web/locations/x/managedApis/'
const inZip = (files: Record<string, string | Uint8Array>) => {
  const zip = zipOf(files)
  const migration = run(zip, OURS)
  return { migration, before: textsOf(zip), after: () => textsOf(migration.output!) }
}

const kinds: Kind[] = [
  {
    name: 'a flow package',
    key: 'shared_pipedrive',
    connections: [
      { isReadable: true, write: () => ({ id: POWER }) },
      { isReadable: true, write: () => ({ api: { id: POWER } }) },
      { isReadable: true, write: () => ({ api: { name: 'shared_pipedrive' } }) },
      { isReadable: true, write: () => ({ apiName: 'pipedrive' }) },
      { isReadable: false, write: () => ({ id: "@parameters('id')" }) },
      { isReadable: false, write: () => ({}) },
    ],
    migrated(change, write) {
      let flow: Json = {}
      const files = flowPackageFiles((json) => {
        flow = json
        change(dig(json, 'properties', 'definition'), dig(json, 'properties', 'connectionReferences'))
      })
      return inZip({ ...files, [`Microsoft.Flow/flows/${FLOW}/definition.json`]: write(flow) })
    },
  },
  {
    name: 'a solution',
    key: 'shared_pipedrive',
    connections: [],
    migrated(change, write) {
      let flow: Json = {}
      const files = solutionFiles({
        flow(json) {
          flow = json
          change(dig(json, 'properties', 'definition'), dig(json, 'properties', 'connectionReferences'))
        },
      })
      return inZip({ ...files, [WORKFLOW]: write(flow) })
    },
  },
  {
    name: 'a Logic App',
    key: 'pipedrive',
    connections: [
      { isReadable: true, write: () => ({ id: `[concat(subscription().id, '${AZURE}pipedrive')]` }) },
      { isReadable: true, write: () => ({ id: `[format('{0}${AZURE}{1}', subscription().id, 'pipedrive')]` }) },
      { isReadable: true, write: () => ({ id: "[subscriptionResourceId('Microsoft.Web/locations/managedApis', 'x', 'Pipedrive')]" }) },
      { isReadable: false, write: () => ({ id: "[parameters('gone')]" }) },
      { isReadable: false, write: () => ({ id: `[concat(subscription().id, '${AZURE}', parameters('gone'))]` }) },
      { isReadable: false, write: () => ({}) },
    ],
    migrated(change, write) {
      let json: Json = {}
      template((given) => {
        json = given
        const properties = dig((given['resources'] as Json[])[0], 'properties')
        change(dig(properties, 'definition'), dig(properties, 'parameters', '$connections', 'value'))
      })
      const before = write(json)
      const migration = run(before, 'dealbridge')
      return { migration, before: { x: before }, after: () => ({ x: Buffer.from(migration.output!).toString() }) }
    },
  },
  {
    name: 'a Standard Logic App',
    key: 'pipedrive',
    connections: [
      {
        isReadable: true,
        write: () => ({
          api: { id: `/subscriptions/1${AZURE}pipedrive` },
          connection: { id: '/subscriptions/1/resourceGroups/x/providers/Microsoft.Web/connections/y' },
        }),
      },
      { isReadable: false, write: () => ({ api: { id: "@appsetting('X')" } }) },
      { isReadable: false, write: () => ({ api: { id: `/x/managedApis/@{parameters('gone')}` } }) },
      { isReadable: false, write: () => ({}) },
    ],
    migrated(change, write) {
      const [workflow, connections] = [standardWorkflow(), connectionsFile()].map((text) => JSON.parse(text) as Json)
      change(dig(workflow, 'definition'), dig(connections, 'managedApiConnections'))
      const before = write(connections!)
      const migration = run(before, 'dealbridge', { 'deals/workflow.json': JSON.stringify(workflow) })
      return { migration, before: { x: before }, after: () => ({ x: Buffer.from(migration.output!).toString() }) }
    },
  },
]

/** The ways in which hosts, editors and people write the same JSON. */
const writers: ((json: Json) => string)[] = [
  (json) => JSON.stringify(json),
  (json) => `\uFEFF${JSON.stringify(json, null, 2).replaceAll('\n', '\r\n')}\r\n`,
  (json) => JSON.stringify(json, null, '\t').replaceAll("'", '\\u0027').replaceAll('/', '\\/'),
  (json) => `/* "x": { */ ${JSON.stringify(json, null, 1).replaceAll(/([}\]])(\n\s*[}\]])/g, '$1, // "end"$2')}`,
]

const STRING = /"(?:[^"\\]|\\.)*"/g
const NAMES = /pipedrive|managedApis/i

/** Only strings that contain the connector's name differ; checked without our own parser. */
function expectOnlyNamesDiffer(before: string, after: string): void {
  expect(after.replaceAll(STRING, '""')).toBe(before.replaceAll(STRING, '""'))
  const strings = after.match(STRING) ?? []
  for (const [index, string] of (before.match(STRING) ?? []).entries()) if (strings[index] !== string) expect(string).toMatch(NAMES)
}

const placement = (kind: Kind) =>
  fc.record({
    host: fc.constantFrom(...hosts),
    wrapper: fc.constantFrom(...wrappers),
    connection:
      kind.connections.length === 0 ? fc.constant(undefined) : fc.option(fc.constantFrom(...kind.connections), { nil: undefined }),
  })

describe.each(kinds)('the connector at random places of $name', (kind) => {
  test('is either migrated at all of them or each is in the report; no other byte changes', () => {
    fc.assert(
      fc.property(fc.array(placement(kind), { minLength: 1, maxLength: 4 }), fc.constantFrom(...writers), (placements, write) => {
        const { migration, before, after } = kind.migrated((definition, connections) => {
          for (const [index, { host, wrapper, connection }] of placements.entries()) {
            const key = connection === undefined ? kind.key : `${kind.key}-${index + 1}`
            if (connection) connections[key] = connection.write(key)
            const operation = { operationId: 'GetDeal' }
            const step = {
              type: 'ApiConnection',
              inputs: { host: { ...host.write(key), ...operation }, method: 'get', path: '/v1/deals/1' },
            }
            Object.assign(dig(definition, 'actions'), wrapper(`P${index}`, step))
          }
        }, write)
        const { changed, kept, output } = migration
        const isReadable = placements.every(
          ({ host, connection }) => host.isReadable && (connection === undefined || connection.isReadable),
        )
        const stepsOf = (list: readonly { step: string }[]) =>
          list
            .map(({ step }) => step.split(' › ').at(-1)!)
            .filter((step) => /^P\d$/.test(step))
            .toSorted()
        const all = placements.map((_, index) => `P${index}`)
        expect(stepsOf([...changed, ...kept])).toEqual(all)
        expect([output !== undefined, stepsOf(changed)]).toEqual(isReadable ? [true, all] : [false, []])
        if (output === undefined) return
        const texts = after()
        expect(Object.keys(texts)).toEqual(Object.keys(before))
        for (const [name, text] of Object.entries(before)) {
          if (name.endsWith('.xml')) continue
          expectOnlyNamesDiffer(text, texts[name]!)
          expect(texts[name]).not.toMatch(/apis\\?\/shared_pipedrive|managedApis\\?\/pipedrive/i)
        }
      }),
      { numRuns: 60 },
    )
  })
})
