import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAddressRules } from './addresses.ts'

const { isPublic } = createAddressRules([])

describe('addresses of the public internet', () => {
  test.each([
    '8.8.8.8',
    '20.86.93.1',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2a00:1450:4001:82f::200e',
    '2606:4700::1111',
    '2603:1020::1',
  ])('%s is public', (address) => expect(isPublic(address)).toBe(true))

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '3fff::1',
    '64:ff9b:1::1',
    '100::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:10.0.0.1',
    '0:0:0:0:0:ffff:0a00:0001',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b::',
    '64:ff9b::1',
    '2001:4860:4860::8888%1',
    'localhost',
    '127.1',
    '0x7f000001',
    '',
  ])('%s is none', (address) => expect(isPublic(address)).toBe(false))

  test('an IPv4 address gets the same result in every IPv6 form', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const plain = `${a}.${b}.${c}.${d}`
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        for (const written of [`::ffff:${plain}`, `::ffff:${hex}`, `0:0:0:0:0:FFFF:${hex}`, `64:ff9b::${plain}`, `64:ff9b::${hex}`])
          expect(isPublic(written)).toBe(isPublic(plain))
      }),
      {
        examples: [
          [127, 0, 0, 1],
          [0, 0, 0, 1],
          [8, 8, 0, 0],
          [8, 0, 0, 8],
          [0, 8, 8, 0],
        ],
      },
    )
  })

  test('an allowed address is allowed in every notation, and no other address is', () => {
    const { isAllowed } = createAddressRules(['127.0.0.0/8', '10.1.2.3', 'fd00::/8'])
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '10.1.2.3', 'fd12::1']) expect(isAllowed(address)).toBe(true)
    for (const address of ['10.1.2.4', '::1', 'fe80::1', 'fd12::1%eth0', '2002:7f00:1::', 'nothing']) expect(isAllowed(address)).toBe(false)
  })

  test.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', 'fe80::1%eth0'])(
    '%s is no range to allow',
    (range) => expect(() => createAddressRules([range])).toThrow('neither an IP address nor a range'),
  )
})
