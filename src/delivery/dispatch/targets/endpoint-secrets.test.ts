import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseKeyRing } from '../../../kit/key-ring.ts'
import { Secret } from '../../../kit/secret.ts'
import { openTarget, sealTarget, targetHash, targetHint } from './endpoint-secrets.ts'

const ring = parseKeyRing(`main:${Buffer.alloc(32, 7).toString('base64')}`)
const salt = createSecretKey(Buffer.alloc(32, 1))
const url = 'https://prod-27.westeurope.logic.azure.com/workflows/a/paths/invoke?sig=S3cretS3cretS3cretWXYZ'

test('a sealed callback URL opens for its own subscription only, and reveals nothing', () => {
  const sealed = sealTarget(ring, 'one', new Secret(url))
  expect(openTarget(ring, 'one', sealed).reveal()).toBe(url)
  expect(() => openTarget(ring, 'two', sealed)).toThrow()
  expect(sealed).not.toMatch(/S3cret|azure/)
})

test('a hint shows the host and the last four characters, or only the host of a short URL', () => {
  expect(targetHint(new URL(url))).toBe('prod-27.westeurope.logic.azure.com…WXYZ')
  expect(targetHint(new URL('https://example.com:8443/s3cret'))).toBe('example.com:8443')
  expect(targetHint(new URL('https://example.com/'))).toBe('example.com')
})

test('equal URLs have equal hashes, in one store only', () => {
  const hash = targetHash(salt, new URL(url))
  expect(targetHash(salt, new URL(url.replace('.com/', '.com:443/')))).toBe(hash)
  expect(targetHash(salt, new URL(`${url}1`))).not.toBe(hash)
  expect(targetHash(createSecretKey(Buffer.alloc(32, 2)), new URL(url))).not.toBe(hash)
})
