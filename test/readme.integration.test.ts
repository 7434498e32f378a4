import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorCodes, metElsewhere } from './contract/error-codes.ts'
import { startPairDirectly } from './started-pair.ts'
import { PROGRAM, root } from './program.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** Blocks whose fence says `sh run`: they are run as they stand, against a started pair. */
const blocks = ['README.md', 'docs/triggers.md', 'docs/connections.md'].flatMap((name) =>
  [...readFileSync(join(root, name), 'utf8').matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, block]) => block!),
)

const dir = mkdtempSync(join(tmpdir(), 'dealbridge-readme-'))
let pair: Awaited<ReturnType<typeof startPairDirectly>>
beforeAll(async () => void (pair = await startPairDirectly()))
afterAll(() => {
  pair.cleanUp()
  rmSync(dir, { recursive: true })
})

test('the story works as it is written', async () => {
  const program = [process.execPath, ...PROGRAM].join(' ')
  const story = blocks.join('\n').replaceAll('http://127.0.0.1:8080', pair.url).replaceAll('npx dealbridge', program)
  const adminToken = /admin token\s+in the file (\S+)\/admin-token/.exec(pair.printed)![1]!
  const env = { ...process.env, DEALBRIDGE_URL: pair.url, DEALBRIDGE_DATA: adminToken }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', story], { cwd: dir, env })
  expect(stdout).toMatch(/\{ id: \d+, title: 'My first deal', value: 1250\.5 \}/)
  expect(stdout).toContain(`[ 'My first deal' ]`)
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

const pages = ['connections', 'safe-writes', 'triggers', 'operation', 'sandbox'].map((name) => `docs/${name}.md`)
/** Pages that guide a reader step by step. */
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

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'docs/http.md',
  'docs/custom-fields.md',
  'docs/configuration.md',
  'docs/cli.md',
  ...walks,
  ...pages,
])('every file and heading that %s points at is there', (name) => {
  const text = readFileSync(join(root, name), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, anchor]) => ({
    file: path ? join(root, name, '..', path) : join(root, name),
    anchor,
  }))
  const isThere = ({ file, anchor }: (typeof links)[number]) =>
    existsSync(file) && (anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor))
  expect(links.filter((link) => !isThere(link))).toEqual([])
})

test('every error code stands in the pages, with what to do', () => {
  const text = pages.map((name) => readFileSync(join(root, name), 'utf8')).join('\n')
  const rows = text.split('\n').filter((line) => /^\| (?:\d{3}|at the start)/.test(line))
  const missing = [...Object.keys(errorCodes), ...metElsewhere].filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))
  expect(missing).toEqual([])
})
