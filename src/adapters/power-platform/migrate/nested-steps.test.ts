import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { CERTIFIED } from './certified.ts'
import { connectionsFile, flowPackageFiles, OURS, REFERENCE, solutionFiles, standardWorkflow, template, zipOf } from './exports.fixture.ts'
import { migrate, type Migration } from './migrate.ts'
import { dig, type Json } from './run-migrate.fixture.ts'
import { textFile } from './text-file.ts'

/** Loops in loops, branches in branches, and names that are also keywords of the language. */
function nest(definition: Json): void {
  const pipedrive = dig(definition, 'actions', 'Scope', 'actions', 'Condition', 'actions', 'Add_activity')
  const other = dig(definition, 'actions', 'Get_items')
  const each = (actions: Json) => ({ type: 'Foreach', foreach: "@outputs('Get_items')?['body/value']", actions, runAfter: {} })
  const decide = {
    type: 'If',
    expression: { equals: ['@1', 1] },
    actions: { In_if: pipedrive },
    else: { actions: { Other: other, In_else: pipedrive } },
  }
  const choose = {
    type: 'Switch',
    expression: '@1',
    cases: {
      Case: { case: 1, actions: { In_case: pipedrive } },
      actions: { case: 2, actions: { In_a_case_called_actions: pipedrive } },
      inputs: { case: 3, actions: { inputs: pipedrive } },
    },
    default: { actions: { Group: { type: 'Scope', actions: { In_default: pipedrive, Again: each({ Decide: decide }) } } } },
  }
  dig(definition, 'actions')['Until'] = {
    type: 'Until',
    expression: "@equals(variables('done'), true)",
    limit: { count: 60, timeout: 'PT1H' },
    runAfter: {},
    actions: { In_until: pipedrive, Each: each({ Choose: choose, actions: pipedrive }) },
  }
}

const NESTED = [
  'Until › In_until',
  'Until › Each › Choose › In_case',
  'Until › Each › Choose › In_a_case_called_actions',
  'Until › Each › Choose › inputs',
  'Until › Each › Choose › Group › In_default',
  'Until › Each › Choose › Group › Again › Decide › In_if',
  'Until › Each › Choose › Group › Again › Decide › In_else',
  'Until › Each › actions',
]
const nested = ({ changed }: Migration) => changed.flatMap(({ step, operation }) => (step.startsWith('Until') ? [[step, operation]] : []))
const expected = NESTED.map((step) => [step, 'AddActivity'])

const run = (bytes: Uint8Array | string, to: string, beside: Record<string, string> = {}): Migration =>
  migrate({
    name: 'given.json',
    bytes: Buffer.from(bytes),
    from: CERTIFIED,
    to,
    beside: Object.entries(beside).map(([name, text]) => textFile(name, Buffer.from(text))),
  })
const textsOf = (zip: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]))
const inFlow = (flow: Json) => nest(dig(flow, 'properties', 'definition'))
const inTemplate = (json: Json) => nest(dig((json['resources'] as Json[])[0], 'properties', 'definition'))

describe('steps in loops, branches and scopes', () => {
  test('of a flow package are found, changed and listed', () => {
    const files = flowPackageFiles(inFlow)
    const migration = run(zipOf(files), OURS)
    expect([nested(migration), migration.kept]).toEqual([expected, []])
    const [name] = Object.keys(files).filter((file) => file.endsWith('/definition.json'))
    expect(textsOf(migration.output!)[name!]).toBe(
      files[name!]!.replaceAll('/apis/shared_pipedrive"', `/apis/${OURS}"`).replace(
        '"apiName":"pipedrive"',
        `"apiName":"${OURS.slice('shared_'.length)}"`,
      ),
    )
  })

  test('of a solution are found, changed and listed', () => {
    const files = solutionFiles({ flow: inFlow })
    const migration = run(zipOf(files), OURS)
    expect([nested(migration), migration.kept]).toEqual([expected, []])
    const [name] = Object.keys(files).filter((file) => file.startsWith('Workflows/'))
    expect(textsOf(migration.output!)[name!]).toBe(
      (files[name!] as string)
        .replaceAll('/apis/shared_pipedrive"', `/apis/${OURS}"`)
        .replace('"name": "shared_pipedrive"', `"name": "${OURS}"`)
        .replace(`"${REFERENCE}"`, `"${REFERENCE}_dealbridge"`),
    )
  })

  test('of a Logic App are found and listed; the connection is what changes', () => {
    const migration = run(template(inTemplate), 'dealbridge')
    expect([nested(migration), migration.kept]).toEqual([expected, []])
    const [before, after] = [template(inTemplate), Buffer.from(migration.output!).toString()].map((text) =>
      dig((dig(JSON.parse(text))['resources'] as Json[])[0], 'properties', 'definition'),
    )
    expect(after).toEqual(before)
  })

  test('of a Standard Logic App are found and listed', () => {
    const workflow = JSON.parse(standardWorkflow()) as Json
    nest(dig(workflow, 'definition'))
    const migration = run(connectionsFile(), 'dealbridge', { 'new-deals/workflow.json': JSON.stringify(workflow) })
    expect([nested(migration), migration.kept]).toEqual([expected, []])
  })

  test.each(NESTED)('%s keeps all others from going over, when Dealbridge does not have its operation', (odd) => {
    const files = flowPackageFiles((flow) => {
      inFlow(flow)
      // All steps share one object; this one gets its own copy.
      const text = JSON.stringify(flow)
      const key = `"${odd.split(' › ').at(-1)!}":{"type":"OpenApiConnection"`
      const at = text.indexOf('"operationId":"AddActivity"', text.indexOf(key, text.indexOf('"Until":')))
      expect(text.indexOf(key)).toBeGreaterThan(0)
      Object.assign(flow, JSON.parse(text.slice(0, at) + text.slice(at).replace('AddActivity', 'AddNote')))
    })
    const { output, changed, kept } = run(zipOf(files), OURS)
    expect([output, changed]).toEqual([undefined, []])
    expect(kept).toContainEqual(expect.objectContaining({ step: odd, reason: 'Dealbridge has no operation AddNote' }))
  })
})
