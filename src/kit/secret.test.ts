import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

test('no way of printing a secret shows its text', () => {
  const secret = new Secret('s3cr3t')
  expect([String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret }), inspect(secret)].join()).not.toContain('s3cr3t')
  expect(secret.reveal()).toBe('s3cr3t')
})

test('the digest of a secret depends on the text and on the key', () => {
  const a = new Secret('a').digest('k')
  expect(new Secret('a').digest('k')).toBe(a)
  expect(new Secret('b').digest('k')).not.toBe(a)
  expect(new Secret('a').digest('l')).not.toBe(a)
})

test('two secrets are equal when their texts are, and only then', () => {
  expect(new Secret('a-token').equals(new Secret('a-token'))).toBe(true)
  for (const other of ['a-tokem', 'a-toke', 'a-token ', '']) expect(new Secret('a-token').equals(new Secret(other))).toBe(false)
})
