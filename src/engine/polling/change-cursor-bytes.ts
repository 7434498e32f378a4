import { later, type ChangeCursor, type ChangePosition, type SeenChange } from './decide-changes.ts'
import { isLowerId, UUID, type RecordId } from '../../kit/record-id.ts'
import { sized, varint, type StateReader } from './state-bytes.ts'

/** The size of a state's list of seen records: some 1,500 to 2,500 of them, so that a Location stays below the 8 kB limit of common proxies. */
export const SEEN_BYTES = 5_500

/**
 * Writes a cursor. The latest changes come first, grouped by second. Records that do not fit are dropped and count as closed, so many changes
 * at once shorten the wait for late ones. While a scan has more pages nothing may be closed yet: a dropped record that changes again is
 * returned again.
 */
export function writeChangeCursor(cursor: ChangeCursor): number[] {
  const writeId = hasTextIds(cursor) ? textIdBytes : numberBytes
  const latestFirst = [...cursor.seen]
    .map(([id, seen]) => ({ id, ...seen }))
    .toSorted((a, b) => b.at - a.at || (isLowerId(a.id, b.id) ? 1 : -1))
  const fingerprintsFrom = Math.min(...latestFirst.filter(({ fingerprint }) => fingerprint !== undefined).map(({ at }) => at))
  const groups: number[] = []
  let dropped: ChangePosition | undefined
  let before: number | undefined
  for (let next = 0; next < latestFirst.length && !dropped;) {
    const { at } = latestFirst[next]!
    const members: number[] = []
    let count = 0
    let id: RecordId | undefined
    for (; latestFirst[next]?.at === at; next++, count++) {
      const record = latestFirst[next]!
      const member = [...writeId(record.id, id), ...(at >= fingerprintsFrom ? varint(record.fingerprint ?? 0) : [])]
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
  const positions = [closed, closing, ...(from ? [from] : [])].flatMap(({ at, id }) => [...varint(at), ...writeId(id)])
  return [...positions, ...varint(Number.isFinite(fingerprintsFrom) ? fingerprintsFrom : 0), ...groups]
}

/** The maximum size of a group's second and count. */
const GROUP_HEAD_BYTES = 10

/** Whether the records of this cursor have UUIDs: their ids are written as texts. */
export const hasTextIds = ({ seen, closed, closing, from }: ChangeCursor): boolean =>
  [closed.id, closing.id, from?.id, ...seen.keys()].some((id) => typeof id === 'string')

/** An id, or its distance from the one before it. */
const numberBytes = (id: RecordId, before?: RecordId): number[] => varint(before === undefined ? Number(id) : Number(before) - Number(id))

/** A UUID is 16 bytes; any other text, such as the position after a UUID, is its characters. The lowest position, 0, is empty. */
function textIdBytes(id: RecordId): number[] {
  if (typeof id === 'number') return sized('')
  const isPlain = UUID.test(id) && id === id.toLowerCase()
  return isPlain ? [UUID_BYTES, ...Buffer.from(id.replaceAll('-', ''), 'hex')] : sized(id)
}

function readTextId(bytes: StateReader): RecordId {
  const length = bytes.byte()
  const content = Buffer.from(bytes.take(length))
  if (length === 0) return 0
  return length === UUID_BYTES ? content.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : content.toString()
}

const UUID_BYTES = 16

export function readChangeCursor(bytes: StateReader, hasMore: boolean, textIds: boolean): ChangeCursor {
  const readId = (before?: RecordId): RecordId => {
    if (textIds) return readTextId(bytes)
    const part = bytes.number()
    return before === undefined ? part : Number(before) - part
  }
  const position = (): ChangePosition => ({ at: bytes.number(), id: readId() })
  const closed = position()
  const closing = position()
  const from = hasMore ? position() : undefined
  const fingerprintsFrom = bytes.number() || Infinity
  const seen = new Map<RecordId, SeenChange>()
  for (let at: number | undefined; !bytes.atEnd;) {
    const step = bytes.number()
    at = at === undefined ? step : at - step
    let id: RecordId | undefined
    for (let count = bytes.number(); count > 0; count--) {
      id = readId(id)
      const fingerprint = at >= fingerprintsFrom ? bytes.number() : 0
      seen.set(id, fingerprint ? { at, fingerprint } : { at })
    }
  }
  return { closed, closing, from, seen }
}
