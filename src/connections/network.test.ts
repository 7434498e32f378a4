import { expect, test } from 'vitest'
import { networkOf } from './network.ts'

test('an IPv4 address stands for itself, also when it is written as IPv6', () => {
  expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
  expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
})

test('all addresses of one IPv6 /64 are the same network, and the next /64 is another', () => {
  const home = networkOf('2001:db8:0:1::1')
  expect(networkOf('2001:DB8:0:1:ffff:ffff:ffff:ffff')).toBe(home)
  expect(networkOf('2001:0db8:0000:0001::2')).toBe(home)
  expect(networkOf('2001:db8:0:2::1')).not.toBe(home)
})

test('an abbreviated address is the network of the written-out one', () => {
  expect(networkOf('::1')).toBe(networkOf('0:0:0:0:0:0:0:1'))
  expect(networkOf('fe80::1%eth0')).toBe(networkOf('fe80:0:0:0::2'))
  expect(networkOf('1::')).toBe(networkOf('1:0:0:0:0:0:0:0'))
})

test('what is no address stands for itself', () => {
  expect(networkOf('unknown')).toBe('unknown')
})
