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
  const { allowCompanies, trustedProxies } = read({ allowCompanies: '7, 8', trustedProxies: '10.0.0.0/8 ::1' })
  expect([allowCompanies, trustedProxies]).toEqual([
    [7, 8],
    ['10.0.0.0/8', '::1'],
  ])
})

test.each([
  ['port', { port: '65536' }],
  ['port', { port: 'http' }],
  ['host', { host: '' }],
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

test('all mistakes are told at once', () => {
  expect(() => read({ port: 'x', activities: 'yours', callsPerMinute: '0' })).toThrow(/--port.*\n--activities.*\n--calls-per-minute/)
})

test('an IPv6 address may stand in brackets', () => {
  expect(read({ host: '[::1]' }).hostname).toBe('::1')
})
