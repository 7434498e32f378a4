import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageCommand } from './package-command.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dealbridge-package-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function run(options: Record<string, string>): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await packageCommand.run({ out: join(dir, 'out'), ...options }, new AbortController().signal, [])
    return written.mock.calls.map(([chunk]) => String(chunk)).join('')
  } finally {
    written.mockRestore()
  }
}
const definition = () => JSON.parse(readFileSync(join(dir, 'out/apiDefinition.swagger.json'), 'utf8')) as Record<string, unknown>

test('the files are written, and told', async () => {
  const said = await run({ host: 'connector.example.com' })
  const names = readdirSync(join(dir, 'out'))
  expect(names).toHaveLength(7)
  for (const name of names) expect(said).toContain(`  ${name}\n`)
  expect(readFileSync(join(dir, 'out/readme.md'), 'utf8')).toContain('It calls https://connector.example.com,')
})

test('a port, a path and the scheme may stand in the host', async () => {
  await run({ host: 'https://example.com:8443/pipedrive/', auth: 'basic', locale: 'ja' })
  expect(definition()).toMatchObject({
    host: 'example.com:8443',
    basePath: '/pipedrive',
    schemes: ['https'],
    security: [{ basic_auth: [] }],
  })
  expect(readFileSync(join(dir, 'out/apiProperties.json'), 'utf8')).toContain('名前 (任意)')
})

test('the files are the same bytes in every time zone and in every year', async () => {
  const { TZ } = process.env
  const made: [offset: number, files: Buffer[]][] = []
  try {
    for (const [zone, year] of [
      ['UTC', 2026],
      ['Pacific/Kiritimati', 2031],
      ['America/St_Johns', 2044],
    ] as const) {
      process.env['TZ'] = zone
      vi.useFakeTimers({ toFake: ['Date'], now: new Date(year, 6, 7) })
      await run({ host: 'connector.example.com' })
      const out = join(dir, 'out')
      const files = readdirSync(out).map((name) => readFileSync(join(out, name)))
      made.push([new Date().getTimezoneOffset(), files])
    }
  } finally {
    vi.useRealTimers()
    if (TZ === undefined) delete process.env['TZ']
    else process.env['TZ'] = TZ
  }
  // Checks that the time zones took effect.
  expect(new Set(made.map(([offset]) => offset)).size).toBe(3)
  for (const [, files] of made) expect(files).toEqual(made[0]![1])
})

test.each([
  'localhost',
  '127.0.0.1',
  '127.1',
  'http-less.localhost:8080',
  '10.1.2.3',
  '172.31.0.1:8443',
  'https://192.168.1.5/pipedrive',
  '169.254.1.1',
  '100.64.0.7',
  'connector',
  'connector.local',
  'crm.corp',
])('a host that the cloud does not reach is warned of: %s', async (host) => {
  const said = await run({ host })
  expect(said).toContain('Warning: the cloud does not reach ')
  expect(said).toContain('--auth basic')
  expect(readdirSync(join(dir, 'out'))).toHaveLength(7)
  // The gateway is in the private network.
  expect(await run({ host, auth: 'basic' })).not.toContain('Warning')
})

test.each(['connector.example.com', '172.32.0.1', '11.0.0.1', 'local.example.com'])('a public host is not: %s', async (host) => {
  expect(await run({ host })).not.toContain('Warning')
})

test.each<[Record<string, string>, string]>([
  [{}, '--host is missing'],
  [{ host: 'http://example.com' }, '--host is a host that the cloud reaches by https'],
  [{ host: 'a b' }, '--host is a host'],
  [{ host: 'example.com:99999' }, '--host is a host'],
  [{ host: 'x', auth: 'oauth' }, '--auth is key or basic, not oauth'],
  [{ host: 'x', locale: 'fr' }, '--locale is en or ja, not fr'],
])('%o is a mistake that is explained, and nothing is written', async (options, message) => {
  await expect(run(options)).rejects.toThrow(message)
  expect(readdirSync(dir)).toEqual([])
})
