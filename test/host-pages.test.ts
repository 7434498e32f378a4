import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../src/app.ts'
import { storeOptions } from '../src/config.ts'
import { managementOptions } from '../src/connections/commands/management.ts'
import { errorCodes, metElsewhere } from './contract/error-codes.ts'

const root = join(import.meta.dirname, '..')
const page = (name: string): string => readFileSync(join(root, 'docs', `${name}.md`), 'utf8')
const pages = ['microsoft', 'power-automate', 'power-apps', 'logic-apps', 'copilot-studio', 'sovereign-clouds', 'gateway']
const everything = pages.map(page).join('\n')

/** The rows about our own answers: status, code, and what of the message is quoted. */
const answers = [...page('microsoft').matchAll(/^\| (\d{3}) `(\w+)`(?: "([^"]+)")? +\| (connector|pipedrive) /gm)].map(
  ([, status, code, quote]) => ({ status: Number(status), code: code!, quote }),
)

test('the table of answers has every status that makers meet, with codes that the program has', () => {
  const known: Record<string, number | undefined> = errorCodes
  expect([...new Set(answers.map(({ status }) => status))]).toEqual([401, 403, 404, 409, 429, 503])
  expect(answers.filter(({ code, status }) => known[code] !== status && !metElsewhere.includes(code))).toEqual([])
})

test('the program has every message that the table quotes', () => {
  const source = globSync('src/**/*.ts', { cwd: root, exclude: (path) => /\.(?:test|fixture)\.ts$/.test(path) })
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  expect(answers.filter(({ quote }) => quote !== undefined).length).toBeGreaterThan(15)
  expect(answers.filter(({ quote }) => quote !== undefined && !source.includes(quote))).toEqual([])
})

test('every command in the pages for hosts is one that the program takes', () => {
  const common = [...managementOptions, ...storeOptions].map(({ flags }) => flags)
  const lines = [...everything.matchAll(/npx dealbridge ([^\n`#]+)/g)].map(([, line]) => line!.trim())
  const unknown = lines.filter((line) => {
    const command = commands
      .filter(({ name }) => line === name || line.startsWith(`${name} `))
      .toSorted((a, b) => b.name.length - a.name.length)[0]
    const options = [...(command?.options.map(({ flags }) => flags) ?? []), ...common].flatMap((flags) => flags.match(/--?[\w-]+/g) ?? [])
    const used = line.replace(/'[^']*'/g, '').match(/(?<= )--?[a-z][\w-]*/g) ?? []
    return command === undefined || used.some((option) => !options.includes(option))
  })
  expect(lines.length).toBeGreaterThan(10)
  expect(unknown).toEqual([])
})

test('what polling costs a day follows from the price of an idle poll in the reference', () => {
  const reference = readFileSync(join(root, 'generated/reference.en.md'), 'utf8')
  const idle = Number(/\(#TrigNewDealV2\)[^|]*\|[^|]*\|[^|]*\| (\d+) +\|/.exec(reference)![1])
  const rows = [...page('power-automate').matchAll(/^\| (\d+) min +\| (\d+) +\| ([\d,]+) +\| (\d+) %/gm)]
  const minutes = rows.map(([, every]) => Number(every))
  expect(minutes).toEqual([2, 5, 15])
  expect(rows.map((row) => row.slice(2))).toEqual(
    minutes.map((every) => {
      const tokens = (1_440 / every) * idle
      return [String(1_440 / every), tokens.toLocaleString('en'), String(Math.round((tokens / 30_000) * 100))]
    }),
  )
})

test('every operation that an app or a workflow calls in the pages is in the definition', () => {
  const definition = readFileSync(join(root, 'generated/apiDefinition.swagger.json'), 'utf8')
  const { paths } = JSON.parse(definition) as { paths: Record<string, unknown> }
  const ids = [...everything.matchAll(/\bPipedrive(?:Service)?\.(\w+)/g)].map(([, id]) => id!)
  expect(new Set(ids)).toEqual(new Set(['GetDeal', 'AddDealV2', 'UpdateDealStatus', 'GetStage']))
  for (const id of ids) expect(definition).toContain(`"operationId": "${id}"`)
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/connector-v2/v1/deals', '/connector-v2/trigger/v1/deals', '/v1/deals/{dealId}']),
  )
})

test.each([
  ['premium licence', 'premium licence'],
  ['data policy', 'data policy (DLP)'],
  ['public HTTPS, virtual network or gateway', 'Public HTTPS, or a virtual network, or the gateway'],
  ['the order of solutions', "The connector's solution before any solution with flows"],
  ['where the key is', 'Personal preferences > API'],
  ['who can disable it', 'an administrator has disabled it'],
  ['a new definition', 'update the connector, then open and save each flow that needs the new definition'],
  ['one key for each user', 'one connection key for each user'],
])('the common pitfalls are on the first page: %s', (_, words) => {
  expect(page('microsoft')).toContain(words)
})
