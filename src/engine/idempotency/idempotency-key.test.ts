import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, checkIdempotencyKey, digest, idempotencyKeyOf, type IdempotencyInput } from './idempotency-key.ts'

const salt = createSecretKey(randomBytes(32))
const asked: IdempotencyInput = {
  principal: 'alice',
  operation: 'AddDeal',
  sent: { title: 'Chairs', value: 1 },
  idempotencyKey: undefined,
  trackingId: undefined,
}
const named = (changes: Partial<IdempotencyInput>, hostIntents = true) => idempotencyKeyOf({ ...asked, ...changes }, salt, hostIntents)

test('an Idempotency-Key names one idempotency record for a day and for every body: the hash tells bodies apart', () => {
  const one = named({ idempotencyKey: 'k' })
  const other = named({ idempotencyKey: 'k', sent: { title: 'Tables' } })
  expect([one.name === other.name, one.fingerprint === other.fingerprint, one.ttlMs]).toEqual([true, false, 86_400_000])
  expect(named({ idempotencyKey: 'k', operation: 'AddDealV2' }).fingerprint).not.toBe(one.fingerprint)
  expect(named({ idempotencyKey: 'k', principal: 'bob' }).name).not.toBe(one.name)
  expect(named({ idempotencyKey: 'k', trackingId: 't' }).name).toBe(one.name)
})

test('the id of a host names an intent for half an hour, with operation and body', () => {
  const one = named({ trackingId: 't' })
  expect(one.ttlMs).toBe(1_800_000)
  expect(named({ trackingId: 't', sent: { value: 1, title: 'Chairs' } }).name).toBe(one.name)
  for (const change of [{ sent: { title: 'Tables' } }, { operation: 'AddDealV2' }, { principal: 'bob' }, { trackingId: 'u' }])
    expect(named({ trackingId: 't', ...change }).name).not.toBe(one.name)
})

test('nothing else names one', () => {
  expect([named({}).name, named({ trackingId: 't' }, false).name, named({ trackingId: '' }).name]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(named({ trackingId: 'x'.repeat(256) }).name).toBeUndefined()
})

test('a key and a host never meet', () => {
  expect(named({ idempotencyKey: 't' }).name).not.toBe(named({ trackingId: 't' }).name)
})

test('a key takes 1 to 255 visible characters', () => {
  for (const good of [undefined, 'k', 'x'.repeat(255), '"a-b"']) expect(() => checkIdempotencyKey(good)).not.toThrow()
  for (const bad of ['', ' ', 'a b', 'x'.repeat(256), 'ä', 'a\t']) expect(() => checkIdempotencyKey(bad)).toThrow(/Idempotency-Key/)
})

test('the order of keys changes nothing, at any depth', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, shuffled(inner)]),
          )
        : value
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonical(shuffled(value))).toBe(canonical(value))
    }),
  )
})

test('other parts make another digest, also when their texts run together', () => {
  expect(digest(salt, 'ab', 'c')).not.toBe(digest(salt, 'a', 'bc'))
  expect(digest(salt, 'ab')).not.toBe(digest(createSecretKey(randomBytes(32)), 'ab'))
})
