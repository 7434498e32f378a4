import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../src/app.ts'
import { catalog } from '../src/catalog/index.ts'
import { ATTEMPTS, retryDelay } from '../src/delivery/dispatch/schedule.ts'
import { reconcileIntervalMs } from '../src/delivery/reconcile/reconcile-interval.ts'
import { deliveryFormats } from '../src/delivery/dispatch/write-message.ts'
import { formDifferences, type TriggerForm } from './triggers/form-differences.ts'
import { managementRoutes } from '../src/adapters/http/management.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = read('docs/triggers.md')
const sources = (pattern: string): string =>
  globSync(pattern, { cwd: root })
    .map((path) => read(path))
    .join('\n')

/** The cells of the rows of a section's tables, without the heads. */
function rowsOf(heading: string, text = page): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!
  return section
    .split('\n')
    .filter((line, at, lines) => line.startsWith('|') && !line.startsWith('| --') && !lines[at + 1]?.startsWith('| --'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
}
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)

test('the table of triggers equals the catalog', () => {
  const documented = rowsOf('Which there are').map(([id, , instant, path, filters]) => ({
    id: quoted(id!)[0],
    instant: instant === 'yes',
    path: quoted(path!)[0],
    filters: quoted(filters!),
  }))
  const known = catalog.flatMap((operation) =>
    operation.kind === 'trigger'
      ? [
          {
            id: operation.id,
            instant: operation.instant !== undefined,
            path: operation.path,
            filters: Object.keys(operation.instant?.filters.shape ?? {}),
          },
        ]
      : [],
  )
  const byId = (a: { id: string | undefined }, b: { id: string | undefined }) => a.id!.localeCompare(b.id!)
  expect(documented.toSorted(byId)).toEqual(known.toSorted(byId))
})

test('the table of differences between the forms is the one that the test of the forms knows', () => {
  const WORDS = { missed: 'no event', added: 'sometimes', either: 'sometimes' }
  const documented = rowsOf('Where the forms differ').map(([what, webhook, lists, poll]) => ({ what, webhook, lists, poll }))
  expect(documented).toEqual(
    formDifferences.map(({ what, effect }) => {
      const webhook = Object.values(effect).includes('added') ? 'no event' : 'an event'
      const wordOf = (form: TriggerForm) => (effect[form] ? WORDS[effect[form]] : webhook)
      return { what, webhook, lists: wordOf('lists'), poll: wordOf('poll') }
    }),
  )
})

test('every format stands there', () => {
  expect(rowsOf('What arrives').map(([name]) => quoted(name!)[0])).toEqual(deliveryFormats)
})

test('the waits between attempts equal those of the program', () => {
  const [numbers, waits] = [/^\| attempt +(\|.*)$/m, /^\| after the failed +(\|.*)$/m].map((row) =>
    row
      .exec(page)![1]!
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const units = { s: 1_000, min: 60_000, h: 3_600_000 }
  const ms = (text: string): number => Number.parseInt(text, 10) * units[text.split(' ')[1] as keyof typeof units]
  expect(numbers).toEqual(Array.from({ length: ATTEMPTS }, (_, at) => String(at + 1)))
  expect(waits![0]).toBe('at once')
  expect(waits!.slice(1).map(ms)).toEqual(Array.from({ length: ATTEMPTS - 1 }, (_, at) => retryDelay(at + 1, 0)))
})

test('the pace of list comparisons and their cost on an idle day equal those of the program', () => {
  const rows = [...page.matchAll(/^\| (\d) +\| every (\d+) to (\d+) minutes +\| (\d+) +\|$/gm)].map((row) => row.slice(1).map(Number))
  const minutes = (lists: number, random: number) =>
    Math.round(reconcileIntervalMs({ mode: 'webhook', lists, missed: false }, 300, random) / 60_000)
  expect(rows).toEqual(
    [1, 2, 3].map((lists) => {
      const aDay = Math.round(1_440 / (reconcileIntervalMs({ mode: 'webhook', lists, missed: false }, 300, 0) / 60_000))
      return [lists, minutes(lists, 0), minutes(lists, 1), 10 + aDay * lists * 10]
    }),
  )
  expect(page).toContain(
    `${((86_400_000 / reconcileIntervalMs({ mode: 'polling', lists: 1, missed: false }, 300, 0)) * 10).toLocaleString('en')} for each list`,
  )
})

test('the reasons for polling mode are those of the program', () => {
  const program = read('src/delivery/reconcile/ensure-webhook.ts')
  const reasons = rowsOf('Webhook or polling').map(([reason]) => reason!.slice(1, -1))
  expect(reasons).toHaveLength(4)
  expect(reasons.filter((reason) => !program.includes(reason))).toEqual([])
})

test('each guarantee names existing tests, and every scenario is named', () => {
  const titles = rowsOf('What is guaranteed').flatMap(([, tests]) => [...tests!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!))
  const tests = sources('test/durability/triggers-*.test.ts')
  expect(titles.filter((title) => !tests.includes(`'${title}'`))).toEqual([])
  const known = [...tests.matchAll(/^\s*(?:test(?:\.\w+\(.*\))?\(\s*)?'([^']{30,})',/gm)].map(([, title]) => title!)
  expect(known.filter((title) => !titles.includes(title) && !title.startsWith('instant triggers'))).toEqual([])
})

test('the page lists every route of the management API for subscriptions', () => {
  const documented = [...read('docs/connections.md').matchAll(/^\| `(\w+) (\/api\/subscriptions[^ `]*)`/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  const known = managementRoutes.filter(({ path }) => path.startsWith('/api/subscriptions')).map(({ method, path }) => `${method} ${path}`)
  expect(documented.toSorted()).toEqual(known.toSorted())
})

test('the program has every command of the page', () => {
  const lines = [...page.matchAll(/npx dealbridge ([^\n`#]+)/g)].map(([, line]) => line!.trim())
  const unknown = lines.filter((line) => {
    const command = commands.find(({ name }) => line === name || line.startsWith(`${name} `))
    const flags = command?.options.flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? []) ?? []
    return !command || (line.match(/--[a-z][\w-]*/g) ?? []).some((flag) => !flags.includes(flag))
  })
  expect(lines.length).toBeGreaterThan(5)
  expect(unknown).toEqual([])
})
