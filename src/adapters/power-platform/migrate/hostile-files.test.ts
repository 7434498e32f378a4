import { describe, expect, test } from 'vitest'
import { CERTIFIED } from './certified.ts'
import { flowPackageFiles, OURS, REFERENCE, solutionFiles, template, zipOf } from './exports.fixture.ts'
import { dig, run, type Json } from './run-migrate.fixture.ts'
import { connectionReferenceElements, withoutComments } from './xml-text.ts'

// Each would take hours if the work grew with the square of the size; linear work takes a second. No time is measured.
const MANY = 300_000

describe('an XML that repeats the beginning or the end of something is read in one walk', () => {
  test.each([
    '<connectionreference ',
    '<connectionreference >',
    '</connectionreference>',
    '<connectionreference a><customconnectorid><connectorid>',
    '</customconnectorid>',
    '<!--',
    '<![CDATA[',
    '<!-- <![CDATA[ -->',
    ' connectionreferencelogicalname="',
    '<connectionreferences',
  ])('%s', (piece) => {
    for (const xml of [piece.repeat(MANY), `<connectionreference ${piece.repeat(MANY)}</connectionreference>`])
      expect(connectionReferenceElements(xml)).toEqual([])
    expect(withoutComments(piece.repeat(MANY))).toHaveLength(piece.length * MANY)
  })

  test('also in the zip of a solution, with the report that it always has', () => {
    const files = solutionFiles()
    const given = { ...files, 'customizations.xml': `${files['customizations.xml'] as string}${'<connectionreference '.repeat(MANY)}` }
    expect(run(zipOf(given), OURS)).toMatchObject({ kept: [], changed: { length: 4 } })
  })
})

test('many flows with many connection references are walked through once', () => {
  const files = solutionFiles()
  const count = 4_000
  const name = (index: number) => `${REFERENCE}${index}`
  const host = { connectionName: 'p', operationId: 'GetDeal' }
  const flow = (index: number) =>
    JSON.stringify({
      properties: {
        connectionReferences: { p: { connection: { connectionReferenceLogicalName: name(index) }, api: { name: CERTIFIED } } },
        definition: { actions: { Get_deal: { type: 'OpenApiConnection', inputs: { host } } } },
      },
    })
  const element = (index: number) =>
    `<connectionreference connectionreferencelogicalname="${name(index)}"><connectorid>/providers/Microsoft.PowerApps/apis/${CERTIFIED}</connectorid></connectionreference>`
  const all = Array.from({ length: count }, (_, index) => index)
  const given = {
    ...files,
    'customizations.xml': `${files['customizations.xml'] as string}${all.map(element).join('\n')}`,
    ...Object.fromEntries(all.map((index) => [`Workflows/F-${index}.json`, flow(index)])),
  }
  const { changed, kept } = run(zipOf(given), OURS)
  expect([changed.length, kept]).toEqual([4 + count, []])
})

describe('a flow', () => {
  const inFlow = (change: (definition: Json) => void) =>
    run(zipOf(flowPackageFiles((flow) => change(dig(flow, 'properties', 'definition')))), OURS)
  const steps = (count: number, step: (index: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, step(index)]))

  test('with many steps that cannot be read lists each', () => {
    const odd = { type: 'OpenApiConnection', inputs: { host: { connection: { name: "@coalesce('shared_pipedrive')" } } } }
    const { kept } = inFlow((definition) =>
      Object.assign(
        dig(definition, 'actions'),
        steps(30_000, () => odd),
      ),
    )
    expect(kept).toHaveLength(30_004)
  })

  test('with many steps and many places that name the connector lists each', () => {
    const { changed, kept } = inFlow((definition) => {
      const step = dig(definition, 'actions', 'Scope', 'actions', 'Condition', 'actions', 'Add_activity')
      Object.assign(
        dig(definition, 'actions'),
        steps(10_000, () => step),
      )
      dig(definition, 'actions')['Texts'] = { type: 'Compose', inputs: Array.from({ length: 50_000 }, () => '/apim/pipedrive') }
    })
    expect([changed.length, kept.length]).toEqual([10_004, 50_000])
  })

  test('with a key of 300,000 characters above all of its steps has a report of the size of the file', () => {
    const { changed } = inFlow((definition) => {
      const step = dig(definition, 'actions', 'Scope', 'actions', 'Condition', 'actions', 'Add_activity')
      dig(definition, 'actions')['x'.repeat(MANY)] = { type: 'Scope', actions: steps(20_000, () => step) }
    })
    expect(Math.max(...changed.map(({ step }) => step.length))).toBeLessThan(1_000)
  })

  test('with ids and expressions that repeat one piece is read in one walk', () => {
    for (const piece of ['/providers/Microsoft.PowerApps/apis/x', "@{'", "['", '((', "@parameters('$connections')['", '/apim/', '@{{'])
      expect(() =>
        inFlow((definition) => {
          const host = { apiId: `${piece.repeat(MANY / 10)}\n`, connection: { name: piece.repeat(MANY / 10) }, operationId: 'x' }
          dig(definition, 'actions')['Odd'] = {
            type: 'OpenApiConnection',
            inputs: { host, method: 'get', path: `/${piece.repeat(MANY / 10)}` },
          }
        }),
      ).not.toThrow()
  })
})

describe('a template', () => {
  const withId = (id: string, variables: Json) =>
    run(
      template((json) => {
        Object.assign(dig(json, 'variables'), variables)
        dig((json['resources'] as Json[])[0], 'properties', 'parameters', '$connections', 'value', 'pipedrive')['id'] = id
      }),
      'dealbridge',
    )
  const chain = (length: number, value: (next: string) => string): Json =>
    Object.fromEntries(Array.from({ length }, (_, index) => [`v${index}`, value(`variables('v${index + 1}')`)]))

  test.each<[string, string, Json]>([
    ['double each other', "[variables('v0')]", chain(60, (next) => `[concat(${next}, ${next})]`)],
    ['grow by each other', "[variables('v0')]", { ...chain(30, (next) => `[format('{0}{0}{0}{0}', ${next})]`), v30: 'x'.repeat(1_000) }],
    ['name each other in a circle', "[variables('a')]", { a: "[variables('b')]", b: "[variables('a')]" }],
    ['are a long chain', "[variables('v0')]", chain(20_000, (next) => `[${next}]`)],
    [
      'are objects that double each other',
      "[variables('o').p0]",
      {
        o: Object.fromEntries(
          Array.from({ length: 60 }, (_, at) => [`p${at}`, `[concat(variables('o').p${at + 1}, variables('o').p${at + 1})]`]),
        ),
      },
    ],
    ['are a nest of calls', `[${'concat('.repeat(100_000)}]`, {}],
    ['are a nest of brackets', `[a${'[a'.repeat(500)}]`, {}],
  ])('whose variables %s has an id that cannot be read', (_, id, variables) => {
    const { output, kept } = withId(id, variables)
    expect(output).toBeUndefined()
    expect(kept).toHaveLength(4)
  })

  test('with many ids that name one variable evaluates it once', () => {
    const { changed } = run(
      template((json) => {
        const value = dig((json['resources'] as Json[])[0], 'properties', 'parameters', '$connections', 'value')
        dig(json, 'variables')['id'] = dig(value, 'pipedrive')['id']
        for (let index = 0; index < 50_000; index++) value[`pipedrive-${index}`] = { id: "[variables('id')]" }
      }),
      'dealbridge',
    )
    expect(changed).toHaveLength(4)
  })
})

test('a JSON of more values than any flow has is refused', () => {
  expect(() => run(`{"definition":{"a":[${'0,'.repeat(2_000_000)}0]}}`, 'dealbridge')).toThrow('more than 2000000 values')
})
