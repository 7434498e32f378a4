import { later, type ChangeCursor, type ChangePosition, type SeenChange } from './decide-changes.ts'
import { varint, type StateReader } from './state-bytes.ts'

/** What a state remembers of single records: some 1,500 to 2,500 of them, so that a Location stays shorter than the 8 kB of common proxies. */
export const SEEN_BYTES = 5_500

/**
 * Writes a watch. What happened last comes first, grouped by second, and what does not fit is forgotten: it counts as closed. So in a flood
 * late changes are waited for less long. Within a look that goes on, nothing may be closed yet: there what is forgotten and changes once more
 * is answered once more.
 */
export function writeChangeCursor(watch: ChangeCursor): number[] {
  const latestFirst = [...watch.seen].map(([id, seen]) => ({ id, ...seen })).toSorted((a, b) => b.at - a.at || b.id - a.id)
  const printsFrom = Math.min(...latestFirst.filter(({ print }) => print !== undefined).map(({ at }) => at))
  const groups: number[] = []
  let forgotten: ChangePosition | undefined
  let before: number | undefined
  for (let next = 0; next < latestFirst.length && !forgotten;) {
    const { at } = latestFirst[next]!
    const members: number[] = []
    let count = 0
    let id: number | undefined
    for (; latestFirst[next]?.at === at; next++, count++) {
      const record = latestFirst[next]!
      const member = [...varint(id === undefined ? record.id : id - record.id), ...(at >= printsFrom ? varint(record.print ?? 0) : [])]
      if (groups.length + members.length + member.length + GROUP_HEAD_BYTES > SEEN_BYTES) {
        forgotten = { at, id: record.id }
        break
      }
      members.push(...member)
      id = record.id
    }
    if (count === 0) break
    groups.push(...varint(before === undefined ? at : before - at), ...varint(count), ...members)
    before = at
  }

  const { from } = watch
  const closing = forgotten ? later(watch.closing, forgotten) : watch.closing
  const closed = forgotten && !from ? later(watch.closed, forgotten) : watch.closed
  const moments = [closed, closing, ...(from ? [from] : [])].flatMap(({ at, id }) => [...varint(at), ...varint(id)])
  return [...moments, ...varint(Number.isFinite(printsFrom) ? printsFrom : 0), ...groups]
}

/** The second and the number of a group, at their longest. */
const GROUP_HEAD_BYTES = 10

export function readChangeCursor(bytes: StateReader, isBehind: boolean): ChangeCursor {
  const moment = (): ChangePosition => ({ at: bytes.number(), id: bytes.number() })
  const closed = moment()
  const closing = moment()
  const from = isBehind ? moment() : undefined
  const printsFrom = bytes.number() || Infinity
  const seen = new Map<number, SeenChange>()
  for (let at: number | undefined; !bytes.atEnd;) {
    const step = bytes.number()
    at = at === undefined ? step : at - step
    let id: number | undefined
    for (let count = bytes.number(); count > 0; count--) {
      const part = bytes.number()
      id = id === undefined ? part : id - part
      const print = at >= printsFrom ? bytes.number() : 0
      seen.set(id, print ? { at, print } : { at })
    }
  }
  return { closed, closing, from, seen }
}
