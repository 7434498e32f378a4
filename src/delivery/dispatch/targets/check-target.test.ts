import { describe, expect, test } from 'vitest'
import type { TargetPolicy } from '../../deps.ts'
import { checkTarget } from './check-target.ts'

const any: TargetPolicy = { hosts: 'any', allowed: [] }
const loopback: TargetPolicy = { hosts: 'any', allowed: ['127.0.0.0/8', '::1'] }
const microsoft: TargetPolicy = { hosts: 'microsoft', allowed: [] }
const FLOW = '/workflows/0a/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc'

describe('callback URLs', () => {
  test.each([
    `https://prod-27.westeurope.logic.azure.com:443${FLOW}`,
    'https://hooks.example.com/a',
    'https://hooks.example.com:8443/a',
    'https://8.8.8.8/a',
    'https://[2a00:1450:4001:82f::200e]/a',
  ])('%s is accepted', (url) => expect(checkTarget(url, any).href).toBe(new URL(url).href))

  test.each([
    ['http://hooks.example.com/a', 'http://'],
    ['http://8.8.8.8/a', 'http://'],
    ['ftp://hooks.example.com/a', 'begins with https'],
    ['https:hooks.example.com', 'begins with https'],
    ['https:///hooks.example.com', 'begins with https'],
    ['javascript:alert(1)', 'begins with https'],
    ['', 'spaces or characters'],
    ['https://user:secret@hooks.example.com/a', 'user or a password'],
    ['https://@hooks.example.com/a#', 'fragment'],
    ['https://hooks.example.com/a#x', 'fragment'],
    ['https://hooks.example.com./a', 'dot'],
    ['https://hooks.example.com/a\r\nx-evil: 1', 'spaces or characters'],
    ['https://hooks.example.com/a b', 'spaces or characters'],
    ['\thttps://hooks.example.com/a', 'spaces or characters'],
    ['https://hööks.example.com/a', 'spaces or characters'],
    ['https://hooks.example.com:25/a', 'port 25'],
    ['https://hooks.example.com:80/a', 'port 80'],
    ['https://hooks.example.com:99999/a', 'begins with https'],
    ['https://localhost/a', 'private network'],
    ['https://printer/a', 'private network'],
    ['https://a.localhost/a', 'private network'],
    ['https://nas.local/a', 'private network'],
    ['https://metadata.google.internal/a', 'private network'],
    ['https://127.0.0.1/a', 'public internet'],
    ['https://2130706433/a', 'public internet'],
    ['https://0x7f.1/a', 'public internet'],
    ['https://0177.0.0.1/a', 'public internet'],
    ['https://169.254.169.254/latest/meta-data', 'public internet'],
    ['https://[::1]/a', 'public internet'],
    ['https://[::ffff:10.0.0.1]/a', 'public internet'],
    ['https://[fe80::1]/a', 'public internet'],
    [`https://hooks.example.com/${'a'.repeat(4_096)}`, 'characters'],
  ])('%s is refused', (url, why) => {
    const refused = expect.objectContaining({ code: 'CallbackUrlRefused', status: 400, message: expect.stringContaining(why) as string })
    expect(() => checkTarget(url, any)).toThrow(refused as Error)
  })

  test('a refusal never repeats the URL', () => {
    for (const url of ['http://hooks.example.com/a?sig=s3cret', 'https://me:s3cret@hooks.example.com/', 'https://a b/s3cret'])
      expect(() => checkTarget(url, any)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('s3cret') as string }) as Error,
      )
  })

  test('an allowed address is accepted, over http too; others are not', () => {
    for (const url of ['http://127.0.0.1:3000/hook', 'https://127.9.9.9/a', 'http://[::1]:80/a', 'http://2130706433/a'])
      expect(checkTarget(url, loopback)).toBeInstanceOf(URL)
    // The addresses of a name are checked at each delivery.
    expect(checkTarget('http://localhost:3000/hook', loopback)).toBeInstanceOf(URL)
    for (const url of ['http://10.0.0.1/a', 'https://10.0.0.1/a', 'http://8.8.8.8/a']) expect(() => checkTarget(url, loopback)).toThrow()
  })

  test.each([
    `https://prod-27.westeurope.logic.azure.com:443${FLOW}`,
    'https://default0a1b.09.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/8/triggers/manual/paths/invoke?sig=a',
    'https://prod-29.usgovtexas.logic.azure.us/workflows/a',
    'https://a.environment.api.gov.powerplatform.microsoft.us/a',
    'https://a.environment.api.high.powerplatform.microsoft.us/a',
    'https://a.environment.api.appsplatform.us/a',
    'https://prod-05.chinaeast2.logic.azure.cn:443/workflows/a',
    'https://a.environment.api.powerplatform.partner.microsoftonline.cn/a',
    'https://PROD-1.WestEurope.LOGIC.azure.com/a',
  ])('%s is a host of Microsoft', (url) => expect(checkTarget(url, microsoft)).toBeInstanceOf(URL))

  test.each([
    'https://logic.azure.com/a',
    'https://evil-logic.azure.com/a',
    'https://prod.logic.azure.com.example.com/a',
    'https://example.com/?.logic.azure.com',
    'https://somebody.azurewebsites.net/a',
    'https://8.8.8.8/a',
    'https://logic.azure.com@example.com/a',
  ])('%s is none', (url) => expect(() => checkTarget(url, microsoft)).toThrow(/refused/))
})
