import { expect, test } from 'vitest'
import { createHostCheck, type HostCheckOptions } from './host-check.ts'

const refuses = (host: string | null, options: Partial<HostCheckOptions> = {}): boolean => {
  try {
    createHostCheck({ hostname: '127.0.0.1', ...options })(host)
    return false
  } catch (error) {
    expect(error).toMatchObject({ status: 421, code: 'HostRefused', message: expect.stringContaining('--allow-host') as string })
    return true
  }
}

const own = ['localhost', 'LOCALHOST:8080', 'localhost.:1', 'app.localhost', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080', '[::1]']
const foreign = [
  'rebound.example',
  'rebound.example:8080',
  'localhost.rebound.example',
  '127.0.0.1.rebound.example',
  'rebound.example.',
  '127.0.0.1@rebound.example',
  'notlocalhost',
  '',
  ' ',
  ':8080',
  '10.0.0.1',
  '[2001:db8::1]',
]

test.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('on %s only names of this machine are served', (hostname) => {
  for (const host of own) expect(refuses(host, { hostname }), host).toBe(false)
  for (const host of foreign) expect(refuses(host, { hostname }), host).toBe(true)
  expect(refuses(null, { hostname })).toBe(false)
})

test('the host of the public URL and the allowed names are served, with any port and in any letters, and nothing below them', () => {
  const options = { publicUrl: 'https://Flows.Example.com:8443/bridge', allowHosts: ['inner', '10.0.0.1'] }
  for (const host of ['flows.example.com', 'FLOWS.example.com:99', 'flows.example.com.', 'inner:8080', '10.0.0.1:1'])
    expect(refuses(host, options), host).toBe(false)
  for (const host of ['example.com', 'x.flows.example.com', 'inner.example', '10.0.0.2']) expect(refuses(host, options), host).toBe(true)
})

test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s every name is served, and with allowed names only those, and addresses', (hostname) => {
  for (const host of [...own, ...foreign]) expect(refuses(host, { hostname, publicUrl: 'https://flows.example.com' }), host).toBe(false)
  const options = { hostname, publicUrl: 'https://flows.example.com', allowHosts: ['inner'] }
  for (const host of [...own, 'inner', 'flows.example.com', '10.0.0.1', '[2001:db8::1]:8080'])
    expect(refuses(host, options), host).toBe(false)
  for (const host of ['rebound.example', '10.0.0.1.rebound.example', '']) expect(refuses(host, options), host).toBe(true)
})
