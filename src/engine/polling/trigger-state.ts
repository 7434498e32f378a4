import { timingSafeEqual } from 'node:crypto'
import type { KeyRing } from '../../kit/key-ring.ts'
import type { Secret } from '../../kit/secret.ts'
import { hasTextIds, readChangeCursor, writeChangeCursor } from './change-cursor-bytes.ts'
import { hasMoreChanges, type ChangeCursor } from './decide-changes.ts'
import { WINDOW_IDS, type Cursor } from './decide-new.ts'
import { InvalidTriggerState } from './invalid-trigger-state.ts'
import { readState, sized, varint } from './state-bytes.ts'
import { TriggerStateKeyUnknown } from './trigger-state-key-unknown.ts'

const VERSION = 1
/** The data gateway truncates URLs at 2,048 characters; path, host and other parameters need the rest. */
export const MAX_STATE_CHARACTERS = 1_500
/** A change needs more than one bit. Only after hundreds of changes in ten minutes is the state of a change trigger longer than the others. */
export const MAX_CHANGES_STATE_CHARACTERS = 7_900
/** Half an HMAC-SHA256: it only answers "the same key as last time?", under a signature of full length. */
const KEY_MAC_BYTES = 16
const HAS_MORE = 1
const FROM_CONNECTION_KEY = 2
/** The state of a trigger for changes; older versions refuse it. */
const OF_CHANGES = 4
/** The ids of a state for changes are texts. */
const TEXT_IDS = 8
const KNOWN_FLAGS = HAS_MORE | FROM_CONNECTION_KEY | OF_CHANGES | TEXT_IDS

const STATE_PURPOSE = 'trigger-state'
const KEY_PURPOSE = 'trigger-state-pipedrive-key'

/** A TriggerState is the whole state of a polling trigger. The host stores it, so that any instance can continue. */
export interface TriggerState {
  companyId: number
  /** Whose activities are returned: the user of the Pipedrive key that made this state. */
  userId: number
  /** The connection key that made the state: a poll without a key acts as it. Undefined if the call sent the Pipedrive key itself. */
  connectionKeyId?: string | undefined
  cursor: Cursor | ChangeCursor
  /** Unix seconds before which this state is not served; 0: at once, also if the clocks of two instances differ. */
  notBefore: number
}

/** An OpenTriggerState is one that the host sent back unchanged. */
export interface OpenTriggerState extends TriggerState {
  /** Whether this Pipedrive key made the state: then the key need not be checked upstream. */
  madeWith(key: Secret): boolean
}

/** What a state is bound to, besides its content. */
export interface Binding {
  triggerId: string
  ring: KeyRing
}

/** `keyId.payload.mac`; the payload is compact binary (see `write`), the signature covers its text. It holds an HMAC of the Pipedrive key. */
export function sealTriggerState(state: TriggerState, key: Secret, { triggerId, ring }: Binding): string {
  const payload = write(state, triggerId, keyMac(ring, ring.signingId, key)).toString('base64url')
  const { keyId, mac } = ring.sign(STATE_PURPOSE, payload)
  return `${keyId}.${payload}.${Buffer.from(mac).toString('base64url')}`
}

/** Throws only InvalidTriggerState or TriggerStateKeyUnknown, for any text. */
export function openTriggerState(text: string, { triggerId, ring }: Binding): OpenTriggerState {
  const [, keyId, payload, macText] = /^([\w-]{1,16})\.([\w-]+)\.([\w-]{43})$/.exec(text.slice(0, MAX_CHANGES_STATE_CHARACTERS + 1)) ?? []
  if (!keyId || !payload || !macText || text.length > MAX_CHANGES_STATE_CHARACTERS)
    throw new InvalidTriggerState('This is not a trigger state of this connector.')
  if (!ring.has(keyId)) throw new TriggerStateKeyUnknown(keyId)
  const mac = Buffer.from(macText, 'base64url')
  // The comparison of texts catches the two bits of the last character that decoding drops.
  if (!ring.verify(keyId, STATE_PURPOSE, payload, mac) || mac.toString('base64url') !== macText) {
    throw new InvalidTriggerState('This trigger state was changed or truncated.')
  }
  const { state, madeFor, madeWith } = read(Buffer.from(payload, 'base64url'))
  if (madeFor !== triggerId) throw new InvalidTriggerState(`This trigger state belongs to the trigger ${madeFor}, not to ${triggerId}.`)
  return { ...state, madeWith: (key) => timingSafeEqual(madeWith, keyMac(ring, keyId, key)) }
}

const keyMac = (ring: KeyRing, keyId: string, key: Secret): Uint8Array =>
  ring.mac(keyId, KEY_PURPOSE, key.digest(KEY_PURPOSE)).subarray(0, KEY_MAC_BYTES)

/** Version, flags, trigger id, key mac, the id of the connection key if any, then numbers as varints, then the cursor's single records. */
function write({ companyId, userId, connectionKeyId, cursor, notBefore }: TriggerState, triggerId: string, madeWith: Uint8Array): Buffer {
  const ofChanges = 'closed' in cursor
  const hasMore = ofChanges ? hasMoreChanges(cursor) : cursor.hasMore
  const flags =
    (hasMore ? HAS_MORE : 0) |
    (connectionKeyId === undefined ? 0 : FROM_CONNECTION_KEY) |
    (ofChanges ? OF_CHANGES : 0) |
    (ofChanges && hasTextIds(cursor) ? TEXT_IDS : 0)
  const head = [VERSION, flags, ...sized(triggerId), ...madeWith, ...(connectionKeyId === undefined ? [] : sized(connectionKeyId))]
  const numbers = ofChanges ? [notBefore] : [cursor.watermark, cursor.floor, cursor.lookbackFrom, notBefore]
  for (const number of [companyId, userId, ...numbers]) head.push(...varint(number))
  return Buffer.concat([Buffer.from(head), ofChanges ? Buffer.from(writeChangeCursor(cursor)) : bitsOf(cursor)])
}

/** One bit for each id below the watermark, newest first, as far as any is set. */
function bitsOf({ seen, watermark }: Cursor): Uint8Array {
  const bits = new Uint8Array(WINDOW_IDS / 8)
  let length = 0
  for (const id of seen) {
    const place = watermark - id
    if (place < 0 || place >= WINDOW_IDS) continue
    const index = place >> 3
    bits[index]! |= 1 << (place & 7)
    length = Math.max(length, index + 1)
  }
  return bits.subarray(0, length)
}

function read(payload: Uint8Array): { state: TriggerState; madeFor: string; madeWith: Uint8Array } {
  const bytes = readState(payload)
  if (bytes.byte() !== VERSION) throw new InvalidTriggerState('This trigger state was made by another version of this connector.')
  const flags = bytes.byte()
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new InvalidTriggerState('This trigger state was made by a newer version of this connector.')
  const hasMore = (flags & HAS_MORE) !== 0
  const madeFor = bytes.text()
  const madeWith = bytes.take(KEY_MAC_BYTES)
  const connectionKeyId = flags & FROM_CONNECTION_KEY ? bytes.text() : undefined
  const companyId = bytes.number()
  const userId = bytes.number()
  const state = (rest: Pick<TriggerState, 'cursor' | 'notBefore'>) => ({
    state: { companyId, userId, connectionKeyId, ...rest },
    madeFor,
    madeWith,
  })
  if (flags & OF_CHANGES) {
    const notBefore = bytes.number()
    return state({ cursor: readChangeCursor(bytes, hasMore, (flags & TEXT_IDS) !== 0), notBefore })
  }
  const watermark = bytes.number()
  const floor = bytes.number()
  const lookbackFrom = bytes.number()
  const notBefore = bytes.number()
  const seen = new Set<number>()
  for (const [index, bits] of bytes.rest(WINDOW_IDS / 8).entries()) {
    for (let bit = 0; bit < 8; bit++) if (bits & (1 << bit)) seen.add(watermark - index * 8 - bit)
  }
  return state({ cursor: { watermark, floor, seen, lookbackFrom, hasMore }, notBefore })
}
