import { expect, test } from 'vitest'
import { createTrustedProxies } from './trusted-proxies.ts'

const proxies = createTrustedProxies(['10.0.0.0/8', '127.0.0.1', '2001:db8::/32'])

test.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['127.0.0.1', true],
  ['2001:db8:1::1', true],
  ['127.0.0.2', false],
  ['11.0.0.1', false],
  ['2001:db9::1', false],
  ['unknown', false],
])('with those ranges, trusting %s is %s', (address, trusted) => {
  expect(proxies.trusts(address)).toBe(trusted)
})

test('without a list no proxy is trusted', () => {
  expect(createTrustedProxies([]).trusts('127.0.0.1')).toBe(false)
})

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'proxy.internal', '', '10.0.0.0/-1', '10.0.0.0/1.5'])(
  'the entry "%s" is refused at the start',
  (entry) => {
    expect(() => createTrustedProxies([entry])).toThrow(`not "${entry}"`)
  },
)

test.each([
  ['a stranger, whatever it claims', '203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ['the one that a proxy saw', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['the one behind two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['the last stranger, not what it claims to have forwarded', '10.0.0.1', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
  ['an address with a port', '10.0.0.1', '203.0.113.9:51234', '203.0.113.9'],
  ['an IPv6 address with a port', '10.0.0.1', '[2001:db9::7]:51234', '2001:db9::7'],
  ['the proxy itself, when it tells nothing', '10.0.0.1', null, '10.0.0.1'],
  ['the proxy itself, when it tells nonsense', '10.0.0.1', 'unknown', '10.0.0.1'],
])('the client is %s', (_, peer, forwardedFor, client) => {
  expect(proxies.clientOf(peer, forwardedFor)).toBe(client)
})
