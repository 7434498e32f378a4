import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { parseKeyRing } from '../../kit/key-ring.ts'
import { Secret } from '../../kit/secret.ts'
import { isBefore, type ChangeCursor, type SeenChange } from './decide-changes.ts'
import { WINDOW_IDS, type Cursor } from './decide-new.ts'
import {
  MAX_CHANGES_STATE_CHARACTERS,
  MAX_STATE_CHARACTERS,
  openTriggerState,
  sealTriggerState,
  type Binding,
  type TriggerState,
} from './trigger-state.ts'

const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const ring = parseKeyRing(`now:${secret(1)},before:${secret(2)}`)
const key = new Secret('key-of-alice')
const binding = { triggerId: 'TrigNewDeal', ring }
/** Sealed by Alice and opened again, as plain data. */
const seal = (state: TriggerState, changes: Partial<Binding> = {}) => sealTriggerState(state, key, { ...binding, ...changes })
const open = (text: string, changes: Partial<Binding> = {}) => {
  const { madeWith, ...rest } = openTriggerState(text, { ...binding, ...changes })
  return { ...rest, sameKey: madeWith(key) }
}

const state: TriggerState = {
  companyId: 7,
  userId: 12,
  cursor: { watermark: 500, floor: 310, seen: new Set([311, 499, 500]), lookbackFrom: 1_790_000_000, hasMore: false },
  notBefore: 1_790_000_715,
}
const byConnectionKey: TriggerState = { ...state, connectionKeyId: '0123456789abcdef0123456789abcdef' }
const problem = (act: () => unknown): DealbridgeError => {
  try {
    act()
  } catch (error) {
    if (error instanceof DealbridgeError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('a state that is sealed and opened is the same', () => {
  expect(open(seal(state))).toEqual({ ...state, sameKey: true })
})

const whole = fc.maxSafeNat()
const anyState = fc
  .record({
    companyId: whole,
    userId: whole,
    watermark: whole,
    below: whole,
    lookbackFrom: whole,
    notBefore: whole,
    hasMore: fc.boolean(),
    connectionKeyId: fc.option(fc.string({ maxLength: 80 }), { nil: undefined }),
  })
  .chain(({ companyId, userId, connectionKeyId, watermark, below, lookbackFrom, notBefore, hasMore }) =>
    fc.uniqueArray(fc.nat(Math.min(watermark, WINDOW_IDS - 1))).map((places): TriggerState => ({
      companyId,
      userId,
      connectionKeyId,
      cursor: { watermark, floor: Math.max(0, watermark - below), seen: new Set(places.map((p) => watermark - p)), lookbackFrom, hasMore },
      notBefore,
    })),
  )

test('every state opens unchanged, for any numbers', () => {
  fc.assert(
    fc.property(anyState, (any) => {
      expect(open(seal(any))).toEqual({ ...any, sameKey: true })
    }),
  )
})

test('the largest state is far shorter than the URL limit', () => {
  const max = Number.MAX_SAFE_INTEGER
  const seen = new Set(Array.from({ length: WINDOW_IDS }, (_, i) => max - i))
  const cursor = { watermark: max, floor: max, seen, lookbackFrom: max, hasMore: true }
  const longId = parseKeyRing(`${'k'.repeat(16)}:${secret(1)}`)
  const any = { companyId: max, userId: max, connectionKeyId: 'k'.repeat(64), cursor, notBefore: max }
  const text = seal(any, { triggerId: 'T'.repeat(64), ring: longId })
  expect(text.length).toBeLessThan(MAX_STATE_CHARACTERS / 2)
  expect((open(text, { triggerId: 'T'.repeat(64), ring: longId }).cursor as Cursor).seen).toEqual(seen)
})

const changes: ChangeCursor = {
  closed: { at: 1_790_000_000, id: 0 },
  closing: { at: 1_790_000_100, id: 7 },
  from: undefined,
  seen: new Map<number, SeenChange>([
    [12, { at: 1_790_000_010 }],
    [9_000_000_000, { at: 1_790_000_500, fingerprint: 16_383 }],
    [3, { at: 1_790_000_500, fingerprint: 1 }],
  ]),
}
const ofChanges = (cursor: ChangeCursor): TriggerState => ({ ...state, cursor })

test('a state of changes that is sealed and opened is the same, whether its scan is complete or continues', () => {
  expect(open(seal(ofChanges(changes)))).toEqual({ ...ofChanges(changes), sameKey: true })
  const going = { ...changes, from: { at: 1_790_000_400, id: 44 } }
  expect(open(seal(ofChanges(going)))).toEqual({ ...ofChanges(going), sameKey: true })
})

const moment = fc.record({ at: whole, id: whole })
const anyChanges: fc.Arbitrary<ChangeCursor> = fc.record({
  closed: moment,
  closing: moment,
  from: fc.option(moment, { nil: undefined }),
  seen: fc
    .uniqueArray(
      fc.tuple(
        whole,
        fc.record({
          at: fc.oneof(
            fc.maxSafeNat().map((at) => at || 1),
            fc.integer({ min: 1, max: 50 }),
          ),
          fingerprint: fc.integer({ min: 1, max: 16_383 }),
        }),
      ),
      {
        selector: ([id]) => id,
        maxLength: 200,
      },
    )
    .chain((entries) =>
      fc.nat(50).map((from) => new Map(entries.map(([id, { at, fingerprint }]) => [id, at >= from ? { at, fingerprint } : { at }]))),
    ),
})

test('every state of changes opens unchanged', () => {
  fc.assert(
    fc.property(anyChanges, (any) => {
      expect(open(seal(ofChanges(any))).cursor).toEqual(any)
    }),
  )
})

const flood = (count: number, seconds: number): Map<number, SeenChange> =>
  new Map(
    Array.from({ length: count }, (_, n) => [
      1 + ((n * 7_919) % 50_000),
      { at: 1_790_000_000 + Math.floor((n * seconds) / count), fingerprint: (n % 16_383) + 1 },
    ]),
  )

test('1,500 changes in ten minutes are all stored, and the state fits into a URL', () => {
  const seen = new Map([...flood(1_500, 600)].map(([id, { at }]) => [id, { at }]))
  const text = seal(ofChanges({ ...changes, seen }))
  expect(text.length).toBeLessThan(MAX_CHANGES_STATE_CHARACTERS)
  expect((open(text).cursor as ChangeCursor).seen).toEqual(seen)
})

test('of too many changes the latest are stored, and dropped ones count as closed, so that nothing is returned twice', () => {
  const seen = flood(20_000, 600)
  const text = seal(ofChanges({ ...changes, seen }))
  expect(text.length).toBeLessThan(MAX_CHANGES_STATE_CHARACTERS)
  const after = open(text).cursor as ChangeCursor
  expect(after.seen.size).toBeGreaterThan(1_000)
  expect([...seen].filter(([id, { at }]) => after.seen.has(id) !== isBefore(after.closed, { at, id }))).toEqual([])
  expect(after.closing).toEqual(after.closed)
})

test('while a scan continues nothing is closed: dropped changes are closed at its end', () => {
  const from = { at: 1_790_000_600, id: 1 }
  const after = open(seal(ofChanges({ ...changes, seen: flood(20_000, 600), from }))).cursor as ChangeCursor
  expect(after).toMatchObject({ closed: changes.closed, from })
  expect(isBefore(changes.closing, after.closing)).toBe(true)
})

test('a state that was made before states named connection keys is still served', () => {
  const old =
    'now.AQELVHJpZ05ld0RlYWyihP_D2E9RNwBBqRy8KNhVBwz0A7YCgPfE1QbL_MTVBgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA.swE9jPk3KHtDW3Jw17qJ4ggzsdqvp84cGmsEcGbQB_M'
  expect(open(old)).toEqual({ ...state, connectionKeyId: undefined, cursor: { ...state.cursor, hasMore: true }, sameKey: true })
})

test('a state names the connection key that made it, and a caller cannot replace it', () => {
  expect(open(seal(byConnectionKey)).connectionKeyId).toBe(byConnectionKey.connectionKeyId)
  expect(open(seal(state)).connectionKeyId).toBeUndefined()
  const [keyId, payload, mac] = seal(byConnectionKey).split('.')
  const other = Buffer.from(payload!, 'base64url')
  other.write('f', other.indexOf(byConnectionKey.connectionKeyId!))
  expect(problem(() => open(`${keyId}.${other.toString('base64url')}.${mac}`)).message).toContain('changed or truncated')
})

test('the state of an idle account stays short', () => {
  expect(seal(state).length).toBeLessThan(180)
  expect(seal(byConnectionKey).length).toBeLessThan(230)
})

test('a state shows neither the Pipedrive key nor anything that could be tried against a list of keys', () => {
  const one = seal(state)
  const payload = Buffer.from(one.split('.')[1]!, 'base64url')
  expect(payload.includes('key-of-alice')).toBe(false)
  const other = seal(state, { ring: parseKeyRing(`now:${secret(9)}`) })
  expect(other.split('.')[1]).not.toBe(one.split('.')[1])
})

test('an older key of the ring still opens its states and still recognises the Pipedrive key', () => {
  const old = parseKeyRing(`before:${secret(2)}`)
  const text = seal(state, { ring: old })
  const { madeWith } = openTriggerState(text, binding)
  expect([madeWith(key), madeWith(new Secret('key-of-bob'))]).toEqual([true, false])
})

test('a state signed with a missing key is refused with the way to restore the key', () => {
  const text = seal(state, { ring: parseKeyRing(`lost:${secret(3)}`) })
  const { status, code, message } = problem(() => openTriggerState(text, binding))
  expect([status, code]).toEqual([400, 'TriggerStateKeyUnknown'])
  expect(message).toMatch(/"lost".*DEALBRIDGE_KEYS/)
})

test('a state of another trigger is refused by name', () => {
  const { status, code, message } = problem(() => open(seal(state), { triggerId: 'TrigNewActivity' }))
  expect([status, code]).toEqual([400, 'InvalidTriggerState'])
  expect(message).toMatch(/TrigNewDeal, not to TrigNewActivity.*turn the flow off and on/)
})

test('a change of any single character is refused', () => {
  const text = seal(byConnectionKey)
  for (let at = 0; at < text.length; at++) {
    for (const other of ['A', 'B', '-', '.']) {
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      if (changed === text) continue
      expect(problem(() => openTriggerState(changed, binding)).code, changed).toMatch(/^(InvalidTriggerState|TriggerStateKeyUnknown)$/)
    }
  }
})

test('hostile texts are refused as a 400, never with another error', () => {
  const good = seal(state)
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
    fc.uint8Array({ maxLength: 400 }).map((bytes) => `now.${Buffer.from(bytes).toString('base64url')}.${good.split('.')[2]}`),
    fc.tuple(fc.nat(good.length), fc.nat(good.length)).map(([a, b]) => good.slice(0, a) + good.slice(b)),
    fc.constantFrom('', '.', '..', `${good}.`, ` ${good}`, `${good}\n`, 'x'.repeat(100_000)),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      if (text !== good) expect(problem(() => openTriggerState(text, binding)).status).toBe(400)
    }),
    { numRuns: 2_000 },
  )
})

test('a signed but invalid payload, as from another version, is refused as a 400', () => {
  const signed = (bytes: Uint8Array) => {
    const payload = Buffer.from(bytes).toString('base64url')
    const { keyId, mac } = ring.sign('trigger-state', payload)
    return `${keyId}.${payload}.${Buffer.from(mac).toString('base64url')}`
  }
  const sealed = Buffer.from(seal(state).split('.')[1]!, 'base64url')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.nat(60).map((length) => sealed.subarray(0, length + 1)),
      ),
      (bytes) => {
        try {
          expect(openTriggerState(signed(bytes), binding).cursor.seen.size).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect((error as DealbridgeError).code).toBe('InvalidTriggerState')
        }
      },
    ),
  )
  expect(problem(() => openTriggerState(signed(Buffer.concat([Buffer.from([99]), sealed.subarray(1)])), binding)).message).toContain(
    'another version',
  )
  const flagged = Buffer.concat([sealed.subarray(0, 1), Buffer.from([16]), sealed.subarray(2)])
  expect(problem(() => openTriggerState(signed(flagged), binding)).message).toContain('newer version')
  const endless = Buffer.concat([sealed.subarray(0, 30), Buffer.alloc(300, 0xff)])
  expect(problem(() => openTriggerState(signed(endless), binding)).message).toContain('too large')
})
