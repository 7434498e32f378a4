import { WINDOW_IDS, type Cursor } from '../../engine/polling/decide-new.ts'

/** A StoredCursor is a cursor with its ids as bits in base64: one bit for each id from `lowest` on, WINDOW_IDS at most. */
interface StoredCursor extends Omit<Cursor, 'seen'> {
  lowest: number
  bits: string
}

/** A cursor as JSON for the database. */
export function writeCursor({ seen, ...cursor }: Cursor): string {
  const lowest = Math.max(0, cursor.watermark - WINDOW_IDS) + 1
  const bytes = new Uint8Array(WINDOW_IDS / 8)
  let length = 0
  for (const id of seen) {
    const place = id - lowest
    if (place < 0 || place >= WINDOW_IDS) continue
    bytes[place >> 3]! |= 1 << (place & 7)
    length = Math.max(length, (place >> 3) + 1)
  }
  const stored: StoredCursor = { ...cursor, lowest, bits: Buffer.from(bytes.subarray(0, length)).toString('base64') }
  return JSON.stringify(stored)
}

/** Undefined if nothing is stored; the caller then makes a new one. */
export function readCursor(stored: unknown): Cursor | undefined {
  if (typeof stored !== 'object' || stored === null || !('bits' in stored)) return undefined
  const { lowest, bits, ...cursor } = stored as StoredCursor
  const bytes = Buffer.from(bits, 'base64')
  const seen = new Set<number>()
  for (let place = 0; place < bytes.length * 8; place++) if (bytes[place >> 3]! & (1 << (place & 7))) seen.add(lowest + place)
  return { ...cursor, seen }
}
