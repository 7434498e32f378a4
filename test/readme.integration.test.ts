import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands } from '../src/app.ts'
import { storeOptions } from '../src/config.ts'
import { managementOptions } from '../src/connections/commands/management.ts'
import { errorCodes, metElsewhere } from './contract/error-codes.ts'
import { startPairDirectly } from './started-pair.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** Blocks whose fence says `sh run`: they are run as they stand, against a started pair. */
const blocks = [...readme.matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, block]) => block!)

const dir = mkdtempSync(join(tmpdir(), 'dealbridge-readme-'))
let pair: Awaited<ReturnType<typeof startPairDirectly>>
beforeAll(async () => void (pair = await startPairDirectly()))
afterAll(() => {
  pair.cleanUp()
  rmSync(dir, { recursive: true })
})

test('the story works as it is written', async () => {
  const program = `${process.execPath} ${join(root, 'src/main.ts')}`
  const story = blocks.join('\n').replaceAll('http://127.0.0.1:8080', pair.url).replaceAll('npx dealbridge', program)
  const adminToken = /admin token\s+in the file (\S+)\/admin-token/.exec(pair.printed)![1]!
  const env = { ...process.env, DEALBRIDGE_URL: pair.url, DEALBRIDGE_DATA: adminToken }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', story], { cwd: dir, env })
  expect(stdout).toMatch(/^added deal \d+$/m)
  expect(stdout).toContain(`[ 'My first deal' ]`)
  expect(stdout).toContain('"status":"won"')
  expect(stdout).toContain('"deal_title":"My first deal"')
  // Fetched by a subscriber.
  expect(stdout).toContain(`[ { title: 'A deal to win', was: 'open' } ]`)
  // With a connection key, and under the runtime URL.
  expect(stdout.match(/\{"id":1,"name":"Qualified"\}/g)).toHaveLength(2)
})

test('the two commands stand there, and CI runs the very same', () => {
  const ci = readFileSync(join(root, '.ci/run'), 'utf8')
  expect(readme).toContain('```sh\nnpm ci && npm start\n```')
  expect(readme).toContain('```sh\nnpm ci && npm test\n```')
  expect(ci).toContain('npm ci && npm test')
})

test('the table of options says what the program says', () => {
  const rows = [...readme.matchAll(/^\| `(--[\w-]+)`\s*\|([^|]*)\|([^|]*)\|([^|]*)\|/gm)].map(([, flag, where, fallback, env]) => {
    const words = (text: string) => text.replaceAll('`', '').trim()
    // Where the table says what having none means, it says it without quotes.
    const fallbackWord = /`(.*)`/.exec(fallback!)?.[1] ?? ''
    return { flag, commands: words(where!).split(', ').toSorted(), default: fallbackWord, env: words(env!) }
  })
  const flags = new Map<string, (typeof rows)[number]>()
  // Their defaults are those of serve, where another command has its own.
  for (const { name, options } of ['serve', 'start', 'doctor'].map((name) => commands.find((command) => command.name === name)!))
    for (const option of options) {
      const flag = option.flags.split(' ')[0]!
      const row = flags.get(flag) ?? { flag, commands: [], default: option.default ?? '', env: option.env ?? '' }
      row.commands = [...row.commands, name].toSorted()
      flags.set(flag, row)
    }
  const byFlag = (a: { flag?: string }, b: { flag?: string }) => a.flag!.localeCompare(b.flag!)
  expect(rows.toSorted(byFlag)).toEqual([...flags.values()].toSorted(byFlag))
})

test('the tables of commands say what the program takes', () => {
  const common = [...managementOptions, ...storeOptions].map(({ flags }) => flags.split(' ')[0])
  const rows = [
    ...readme.matchAll(/^\| `((?:connections|owners|audit|subscriptions|listen|store|package|migrate)\b[^`]*)`\s*\|([^|]*)\|/gm),
  ].map(([, usage, options]) => ({
    usage,
    options: options!.match(/--[\w-]+/g) ?? [],
  }))
  const known = commands
    .filter(({ name }) => !['serve', 'start', 'doctor', 'sandbox'].includes(name))
    .map(({ name, arguments: args = [], options }) => ({
      usage: [name, ...args].join(' '),
      options: options.map(({ flags }) => /--[\w-]+/.exec(flags)![0]).filter((flag) => !common.includes(flag)),
    }))
  const byUsage = (a: { usage?: string }, b: { usage?: string }) => a.usage!.localeCompare(b.usage!)
  expect(rows.toSorted(byUsage)).toEqual(known.toSorted(byUsage))
  for (const { flags, env, default: fallback } of managementOptions)
    for (const word of [flags.split(' ')[0], env, fallback]) expect(readme).toContain(`\`${word ?? '--json'}\``)
})

const pages = ['connections', 'safe-writes', 'triggers', 'operation', 'sandbox'].map((name) => `docs/${name}.md`)
/** Those that walk somebody through something. */
const hosts = ['microsoft', 'power-automate', 'power-apps', 'logic-apps', 'copilot-studio', 'sovereign-clouds', 'gateway']
const walks = [
  ...['migrate', 'deploy', 'scale', 'sandbox-seed', ...hosts].map((name) => `docs/${name}.md`),
  'examples/flows/README.md',
  'sandbox/README.md',
  'sandbox/CHANGELOG.md',
]
/** As GitHub makes anchors of headings. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...walks, ...pages])(
  'every file and heading that %s points at is there',
  (name) => {
    const text = readFileSync(join(root, name), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, anchor]) => ({
      file: path ? join(root, name, '..', path) : join(root, name),
      anchor,
    }))
    const isThere = ({ file, anchor }: (typeof links)[number]) =>
      existsSync(file) && (anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor))
    expect(links.filter((link) => !isThere(link))).toEqual([])
  },
)

test('every error code stands in the pages, with what to do', () => {
  const text = pages.map((name) => readFileSync(join(root, name), 'utf8')).join('\n')
  const rows = text.split('\n').filter((line) => /^\| (?:\d{3}|at the start)/.test(line))
  const missing = [...Object.keys(errorCodes), ...metElsewhere].filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))
  expect(missing).toEqual([])
})
