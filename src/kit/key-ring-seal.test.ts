import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseKeyRing } from './key-ring.ts'

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`
const ring = parseKeyRing(key('a', 1))
const rotated = parseKeyRing(`${key('b', 2)},${key('a', 1)}`)
const broken = expect.objectContaining({ status: 500, code: 'SealBroken' }) as Error
const failureOf = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

test('every sealed text opens again, and looks different each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (text, purpose, context) => {
      const sealed = ring.seal(purpose, context, text)
      expect(ring.open(purpose, context, sealed)).toBe(text)
      expect(ring.seal(purpose, context, text)).not.toBe(sealed)
    }),
  )
})

test('a sealed text names its key, and is no longer than it must be', () => {
  const sealed = ring.seal('p', 'c', 'text')
  expect(sealed).toMatch(/^v1\.a\.[\w-]+$/)
  expect(Buffer.from(sealed.split('.')[2]!, 'base64url')).toHaveLength(12 + 4 + 16)
})

test('it opens for its own purpose and place only', () => {
  const sealed = ring.seal('purpose', 'rows/1', 'text')
  expect(failureOf(() => ring.open('purpose', 'rows/2', sealed))).toEqual(broken)
  expect(failureOf(() => ring.open('other', 'rows/1', sealed))).toEqual(broken)
  expect(failureOf(() => ring.open('purpose\0rows', '/1', sealed))).toEqual(broken)
})

test('no bit of it can be changed, nothing cut off or added', () => {
  const sealed = ring.seal('p', 'c', 'text')
  const [version, id, body] = sealed.split('.') as [string, string, string]
  const bytes = Buffer.from(body, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(failureOf(() => ring.open('p', 'c', [version, id, changed.toString('base64url')].join('.')))).toEqual(broken)
  }
  for (let length = 0; length < bytes.length; length++)
    expect(failureOf(() => ring.open('p', 'c', `v1.a.${bytes.subarray(0, length).toString('base64url')}`))).toEqual(broken)
  for (const text of [`${sealed}AA`, '', 'text', `v2.a.${body}`, `v1..${body}`, `v1.a.${body}.x`])
    expect(failureOf(() => ring.open('p', 'c', text))).toEqual(broken)
})

test('the first key seals, every key opens, and an unknown one is named with the way out', () => {
  const old = ring.seal('p', 'c', 'text')
  const fresh = rotated.seal('p', 'c', 'text')
  expect(fresh).toMatch(/^v1\.b\./)
  expect([rotated.open('p', 'c', old), rotated.open('p', 'c', fresh)]).toEqual(['text', 'text'])
  expect(failureOf(() => ring.open('p', 'c', fresh))).toMatchObject({
    status: 503,
    code: 'SealKeyUnknown',
    message: expect.stringMatching(/"b".*DEALBRIDGE_KEYS/) as string,
  })
})

test('a key of the same id from another installation opens nothing', () => {
  const stranger = parseKeyRing(key('a', 9))
  expect(failureOf(() => stranger.open('p', 'c', ring.seal('p', 'c', 'text')))).toEqual(broken)
})
