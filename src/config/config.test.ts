import { expect, test } from 'vitest'
import { portOf, readConfig, serveOptions } from './config.ts'

const defaults = Object.fromEntries(
  serveOptions.map(({ flags, default: value }) => [
    flags
      .split(' ')[0]!
      .slice(2)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]),
)
const read = (options: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}) =>
  readConfig({ ...defaults, upstream: 'https://api.pipedrive.com/', ...options }, env)

test('without options a connector listens on loopback and serves every company', () => {
  expect(read()).toMatchObject({
    hostname: '127.0.0.1',
    port: 8080,
    upstream: 'https://api.pipedrive.com',
    allowCompanies: [],
    trustedProxies: [],
  })
})

test('lists are parted by commas and blanks', () => {
  const { allowCompanies, allowHosts, trustedProxies } = read({
    allowCompanies: '7, 8',
    allowHost: 'Flows.example.com, inner [::1]',
    trustedProxies: '10.0.0.0/8 ::1',
  })
  expect([allowCompanies, allowHosts, trustedProxies]).toEqual([
    [7, 8],
    ['flows.example.com', 'inner', '::1'],
    ['10.0.0.0/8', '::1'],
  ])
})

test.each([
  ['port', { port: '65536' }],
  ['port', { port: 'http' }],
  ['host', { host: '' }],
  ['allow-host', { allowHost: 'https://flows.example.com' }],
  ['allow-host', { allowHost: 'flows.example.com:8080' }],
  ['public-url', { publicUrl: 'flows.example.com' }],
  ['public-url', { publicUrl: 'https://flows.example.com/?a=b' }],
  ['upstream', { upstream: 'ftp://pipedrive.test' }],
  ['allow-companies', { allowCompanies: '7,acme' }],
  ['activities', { activities: 'ours' }],
  ['calls-per-minute', { callsPerMinute: '0' }],
  ['log-level', { logLevel: 'loud' }],
])('an unusable --%s is refused by its name', (option, options) => {
  expect(() => read(options)).toThrow(`--${option}: `)
})

test('the port of the sandbox is read like any other', () => {
  expect(() => portOf('sandbox-port', 'abc')).toThrow('--sandbox-port: "abc" is not a port number (0 to 65535)')
})

test.each(['https://somebody:secret@pipedrive.test', 'https://:secret@pipedrive.test'])(
  'credentials in a URL are refused, and not repeated: %s',
  (upstream) => {
    expect(() => read({ upstream })).toThrow(/^--upstream takes a URL without credentials(?!.*secret)/)
  },
)

test('all mistakes are reported at once', () => {
  expect(() => read({ port: 'x', activities: 'yours', callsPerMinute: '0' })).toThrow(/--port.*\n--activities.*\n--calls-per-minute/)
})

test('an IPv6 address may stand in brackets', () => {
  expect(read({ host: '[::1]' }).hostname).toBe('::1')
})

const messageOf = (run: () => unknown): string => {
  try {
    return `nothing was thrown, but: ${JSON.stringify(run())}`
  } catch (error) {
    return (error as Error).message
  }
}
const ringKey = Buffer.alloc(32, 9).toString('base64')

test('mistakes in environment variables stand in the same list as those in options', () => {
  const env = {
    DEALBRIDGE_KEYS: 'main:c2hvcnQ=',
    DEALBRIDGE_ADMIN_TOKEN: 'short',
    DEALBRIDGE_METRICS_TOKEN: 'a blank in it 0123456789abc',
    PGHOST: 'db',
  }
  const lines = messageOf(() => read({ port: 'x', trustedProxies: '10.0.0.0/8 10.0.0.0/33' }, env)).split('\n')
  expect(lines.map((line) => line.split(/[ :]/)[0])).toEqual([
    '--port',
    '--trusted-proxies',
    'PGHOST',
    'DEALBRIDGE_ADMIN_TOKEN',
    'DEALBRIDGE_METRICS_TOKEN',
    'DEALBRIDGE_KEYS',
  ])
})

test('a mistyped --store hides no mistake about PostgreSQL', () => {
  expect(() => read({ store: 'postgres' }, { PGHOST: 'db' })).toThrow(/^--store: "postgres" is not .*\nPGHOST is set, but not/)
})

test.each(['10.0.0.0/33', '::1/129', 'localhost', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1'])('%s is no trusted proxy', (entry) => {
  expect(() => read({ trustedProxies: entry })).toThrow(`--trusted-proxies: "${entry}" is not an IP address or a range`)
})

test.each([
  ['DEALBRIDGE_ADMIN_TOKEN', 'twenty-three-characters'],
  ['DEALBRIDGE_METRICS_TOKEN', 'twenty-three-characters'],
  ['DEALBRIDGE_ADMIN_TOKEN', 'with-a-line-break-at-the-end-of-it\n'],
  ['DEALBRIDGE_KEYS', `main:${ringKey}:${ringKey}`],
])('a %s that cannot be used is refused and not shown (%#)', (name, text) => {
  const message = messageOf(() => read({}, { [name]: text }))
  expect(message).toMatch(new RegExp(`^${name}`))
  expect(message).not.toContain(text.trim())
  expect(message).not.toContain(ringKey)
})

test('tokens of 24 visible characters are taken, as secrets; two that are the same are not', () => {
  const [one, two] = ['a'.repeat(24), 'b'.repeat(24)]
  const { adminToken, metricsToken } = read({}, { DEALBRIDGE_ADMIN_TOKEN: one, DEALBRIDGE_METRICS_TOKEN: two })
  expect([adminToken?.reveal(), metricsToken?.reveal()]).toEqual([one, two])
  expect(String(adminToken)).toBe('[secret]')
  expect(() => read({}, { DEALBRIDGE_ADMIN_TOKEN: one, DEALBRIDGE_METRICS_TOKEN: one })).toThrow(/^DEALBRIDGE_METRICS_TOKEN is the same/)
})

test('the settle time is 1 to 60 seconds', () => {
  expect(read({ settleSeconds: '60' }).settleSeconds).toBe(60)
  for (const settleSeconds of ['0', '61', 'ten']) expect(() => read({ settleSeconds })).toThrow('is not a whole number from 1 to 60')
})

test('a wrong port of the sandbox is reported with all other mistakes', () => {
  expect(() => read({ sandboxPort: 'x', port: 'y' })).toThrow(/--port[^]*--sandbox-port/)
})
