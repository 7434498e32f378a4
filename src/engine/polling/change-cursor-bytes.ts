import { later, type ChangeCursor, type ChangePosition, type SeenChange } from './decide-changes.ts'
import { varint, type StateReader } from './state-bytes.ts'

/** The size of a state's list of seen records: some 1,500 to 2,500 of them, so that a Location stays below the 8 kB limit of common proxies. */
export const SEEN_BYTES = 5_500

/**
 * Writes a cursor. The latest changes come first, grouped by second. Records that do not fit are dropped and count as closed, so many changes
 * at once shorten the wait for late ones. While a scan has more pages nothing may be closed yet: a dropped record that changes again is
 * returned again.
 */
export function writeChangeCursor(cursor: ChangeCursor): number[] {
  const latestFirst = [...cursor.seen].map(([id, seen]) => ({ id, ...seen })).toSorted((a, b) => b.at - a.at || b.id - a.id)
  const fingerprintsFrom = Math.min(...latestFirst.filter(({ fingerprint }) => fingerprint !== undefined).map(({ at }) => at))
  const groups: number[] = []
  let dropped: ChangePosition | undefined
  let before: number | undefined
  for (let next = 0; next < latestFirst.length && !dropped;) {
    const { at } = latestFirst[next]!
    const members: number[] = []
    let count = 0
    let id: number | undefined
    for (; latestFirst[next]?.at === at; next++, count++) {
      const record = latestFirst[next]!
      const member = [
        ...varint(id === undefined ? record.id : id - record.id),
        ...(at >= fingerprintsFrom ? varint(record.fingerprint ?? 0) : []),
      ]
      if (groups.length + members.length + member.length + GROUP_HEAD_BYTES > SEEN_BYTES) {
        dropped = { at, id: record.id }
        break
      }
      members.push(...member)
      id = record.id
    }
    if (count === 0) break
    groups.push(...varint(before === undefined ? at : before - at), ...varint(count), ...members)
    before = at
  }

  const { from } = cursor
  const closing = dropped ? later(cursor.closing, dropped) : cursor.closing
  const closed = dropped && !from ? later(cursor.closed, dropped) : cursor.closed
  const positions = [closed, closing, ...(from ? [from] : [])].flatMap(({ at, id }) => [...varint(at), ...varint(id)])
  return [...positions, ...varint(Number.isFinite(fingerprintsFrom) ? fingerprintsFrom : 0), ...groups]
}

/** The maximum size of a group's second and count. */
const GROUP_HEAD_BYTES = 10

export function readChangeCursor(bytes: StateReader, hasMore: boolean): ChangeCursor {
  const position = (): ChangePosition => ({ at: bytes.number(), id: bytes.number() })
  const closed = position()
  const closing = position()
  const from = hasMore ? position() : undefined
  const fingerprintsFrom = bytes.number() || Infinity
  const seen = new Map<number, SeenChange>()
  for (let at: number | undefined; !bytes.atEnd;) {
    const step = bytes.number()
    at = at === undefined ? step : at - step
    let id: number | undefined
    for (let count = bytes.number(); count > 0; count--) {
      const part = bytes.number()
      id = id === undefined ? part : id - part
      const fingerprint = at >= fingerprintsFrom ? bytes.number() : 0
      seen.set(id, fingerprint ? { at, fingerprint } : { at })
    }
  }
  return { closed, closing, from, seen }
}
