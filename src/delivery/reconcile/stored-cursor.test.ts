import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WINDOW_IDS } from '../../engine/polling/decide-new.ts'
import { readCursor, writeCursor } from './stored-cursor.ts'

test('a cursor comes back from the database unchanged', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.array(fc.nat(WINDOW_IDS - 1)), fc.boolean(), (watermark, places, hasMore) => {
      const seen = new Set(places.map((place) => watermark - place).filter((id) => id > 0))
      const cursor = { watermark, floor: Math.max(0, watermark - 10), seen, lookbackFrom: 1_800_000_000, hasMore }
      const stored = writeCursor(cursor)
      expect(stored.length).toBeLessThan(600)
      const back = readCursor(JSON.parse(stored))!
      expect({ ...back, seen: [...back.seen].toSorted((a, b) => a - b) }).toEqual({ ...cursor, seen: [...seen].toSorted((a, b) => a - b) })
    }),
  )
})

test('a stored value that is not a cursor gives none', () => {
  for (const odd of [null, undefined, 1, {}, { maxId: 0 }]) expect(readCursor(odd)).toBeUndefined()
})
