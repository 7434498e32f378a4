import type { Clock } from '../../kit/clock.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { utcTime } from '../../kit/utc-time.ts'
import { isObject } from '../../kit/is-object.ts'
import type { RecordId } from '../../kit/record-id.ts'
import type { UpstreamRow } from '../../pipedrive/pipedrive.ts'
import { isDeleted, type UpstreamWrite } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { matchLostWrite, type LostWriteObservation } from './match-lost-write.ts'
import type { Journal, RunLease, JournalStep } from './journal.ts'
import { likeness, shows, type Likeness } from './same-content.ts'

/** When to read, as fractions of the settle time after the connection ended: with 10 s after 2, 5 and 10 s. */
const READS_AT = [0.2, 0.5, 1]
/** After the settle time, reads continue for this long if they fail or if the matches may belong to another call. */
const PATIENCE_MS = 60_000
const AGAIN_EVERY_MS = 5_000
/** Reads are counted too, because clocks jump. */
const AGAIN_MAX = PATIENCE_MS / AGAIN_EVERY_MS
/** The deadline of one read upstream. */
const READ_DEADLINE_MS = 15_000
/** 1,000 records of all users since the send; beyond that the caller has to check in Pipedrive. */
const PAGES_MAX = 10
/** The clocks of servers behind one name differ by some seconds. */
const DATE_SPREAD_MS = 5_000

/** A ReadBackResult is the outcome of the read-back of a lost write. */
export type ReadBackResult =
  | { do: 'found'; row: UpstreamRow | undefined }
  | { do: 'absent' }
  | { do: 'ambiguous'; candidates: readonly RecordId[] }
  | { do: 'undecided'; why: string }
  | { do: 'lost-lease' }

export interface ReadBackDeps {
  write: UpstreamWrite
  step: JournalStep
  run: RunLease
  journal: Journal
  clock: Clock
  settleMs: number
  /** When the last read starts; undefined if no caller waits for it. */
  untilMs: number | undefined
  /** Waits, and extends the lease meanwhile. */
  pause(ms: number, thenBusyForMs: number): Promise<void>
}

/** Determines in Pipedrive what a write without an answer did, and claims the record that it finds. It never sends a write. */
export async function readBack(deps: ReadBackDeps): Promise<ReadBackResult> {
  const { write, step, clock, settleMs, untilMs = Infinity, pause } = deps
  const now = clock.now()
  // Time is summed from pauses. If it were read from the clock, a jump forward would end the settle time and a jump back would never end it.
  let waitedMs = Math.min(Math.max(0, now - (step.endedAtMs ?? now)), settleMs)
  const dueTimes = READS_AT.map((part) => part * settleMs).filter((ms) => ms > waitedMs || ms === settleMs)
  const giveUpAt = now + settleMs - waitedMs + PATIENCE_MS
  for (let n = 0; ; n++) {
    const dueMs = dueTimes[n] ?? waitedMs + AGAIN_EVERY_MS
    const leftMs = Math.max(0, untilMs - clock.now())
    const cutShort = dueMs - waitedMs > leftMs
    await pause(cutShort ? leftMs : dueMs - waitedMs, READ_DEADLINE_MS)
    waitedMs = dueMs
    const settled = n >= dueTimes.length - 1 && !cutShort
    const timedOut = cutShort || (settled && (clock.now() >= Math.min(giveUpAt, untilMs) || n >= dueTimes.length + AGAIN_MAX))
    write.deadline.at = clock.now() + READ_DEADLINE_MS
    try {
      const result = write.method === 'POST' ? await readCreated(deps, settled, timedOut) : await readChanged(write, step, settled)
      if (result) return result
      if (timedOut) return { do: 'undecided', why: 'its caller could not wait for the whole settle time' }
    } catch (error) {
      if (!(error instanceof DealbridgeError) || error instanceof StoreUnavailable) throw error
      const waitMs = (error.retryAfterSeconds ?? 0) * 1_000
      if (error.status === 401 || timedOut || clock.now() + waitMs > giveUpAt)
        return { do: 'undecided', why: `reading it back failed (${error.message.replace(/\.$/, '')})` }
    }
  }
}

async function readChanged(write: UpstreamWrite, { sinceDateMs }: JournalStep, settled: boolean): Promise<ReadBackResult | undefined> {
  const row = await write.current?.()
  const sent = write.body ?? {}
  if (write.method === 'DELETE' ? row === undefined : row !== undefined && shows(sent, row)) return { do: 'found', row }
  if (!settled) return undefined
  // Changed since: by this write, if Pipedrive does not show all of it, or by another one, which a second send would overwrite.
  if (write.method !== 'DELETE' && row && sinceDateMs !== undefined && utcTime(row['update_time']) > sinceDateMs)
    return likeness(sent, row) === 'same' ? { do: 'found', row } : { do: 'ambiguous', candidates: [] }
  return { do: 'absent' }
}

async function readCreated(
  { write, step, run, journal, clock }: ReadBackDeps,
  settled: boolean,
  timedOut: boolean,
): Promise<ReadBackResult | undefined> {
  const { rows, truncated } = await newSince(write, step)
  for (;;) {
    // The order matters: a write that has ended at the first query has claimed its record by the second.
    const concurrent = await journal.concurrentWrites(run.intentId, step, clock.now())
    const claimed = await journal.claimed(
      run.intentId,
      step,
      rows.map(({ id }) => String(id)),
    )
    const free = rows.filter((row) => !claimed.has(String(row.id)))
    const idsOf = (level: Likeness) => free.filter((row) => likenessOf(row, write, step) === level).map(({ id }) => id)
    const observation: LostWriteObservation = {
      same: idsOf('same'),
      similar: idsOf('similar'),
      truncated,
      ...concurrent,
      settled,
      timedOut,
    }
    const verdict = matchLostWrite(observation)
    if (verdict.do === 'read-again') return undefined
    if (verdict.do === 'repeat') return { do: 'absent' }
    if (verdict.do === 'give-up') return { do: 'ambiguous', candidates: verdict.candidates }
    const row = rows.find(({ id }) => id === verdict.id)!
    const claim = await journal.claim(run, { ...step, recordId: String(row.id), result: row, endedAtMs: clock.now() })
    if (claim === 'claimed') return { do: 'found', row }
    if (claim === 'lost') return { do: 'lost-lease' }
  }
}

/** A record that may be older than the send is never taken for its result. */
function likenessOf(row: UpstreamRow, { body = {}, sought }: UpstreamWrite, { sinceId }: JournalStep): Likeness {
  const level = sought ? (sought.isShownBy(row) ? 'same' : 'other') : likeness(body, row)
  return level === 'same' && sinceId === undefined && Number.isNaN(addedAtOf(row)) ? 'similar' : level
}

/** Records of this user that are newer than the send, the oldest first. */
async function newSince(write: UpstreamWrite, step: JournalStep): Promise<{ rows: UpstreamRow[]; truncated: boolean }> {
  const rows: UpstreamRow[] = []
  let cursor: string | undefined
  const { newest, orderedBy } = write
  if (!newest) return { rows, truncated: true }
  for (let pages = 1; ; pages++) {
    const page = await newest(cursor)
    rows.push(
      ...page.rows.filter(
        (row) => isNewer(row, step, write.body) && !isDeleted(row) && (write.sought?.isShownBy(row) || isBy(row, step, write.body)),
      ),
    )
    if (page.nextCursor === null || (orderedBy && isEnd(page.rows, write, step))) return { rows: rows.toSorted(byAge), truncated: false }
    if (pages === PAGES_MAX) return { rows: rows.toSorted(byAge), truncated: true }
    cursor = page.nextCursor
  }
}

/** By id, if one is known, and by date: the id may be old, and other calls may have created records since. */
function isNewer(row: UpstreamRow, { sinceId, sinceDateMs }: JournalStep, body: Record<string, unknown> | undefined): boolean {
  if (isBefore(row, sinceId)) return false
  // A call that sends `add_time` creates records of any age.
  if (sinceId !== undefined && body?.['add_time'] !== undefined) return true
  const addedAt = addedAtOf(row)
  return Number.isNaN(addedAt) || sinceDateMs === undefined || addedAt >= sinceDateMs - DATE_SPREAD_MS
}

/** Ids grow with creation. A time can be back-dated, so only a whole page of old records ends the search. */
function isEnd(rows: readonly UpstreamRow[], { orderedBy, body }: UpstreamWrite, step: JournalStep): boolean {
  if (orderedBy === 'id' && step.sinceId !== undefined) return rows.some((row) => isBefore(row, step.sinceId))
  return rows.every((row) => !isNewer(row, step, body))
}

const isBefore = ({ id }: UpstreamRow, sinceId: number | undefined): boolean =>
  sinceId !== undefined && typeof id === 'number' && id <= sinceId

const addedAtOf = (row: UpstreamRow): number => utcTime(row['add_time'] ?? row['created_at'])

function byAge(a: UpstreamRow, b: UpstreamRow): number {
  return typeof a.id === 'number' && typeof b.id === 'number' ? a.id - b.id : addedAtOf(a) - addedAtOf(b)
}

/** The fields that show who created a record. */
const CREATORS = ['creator_user_id', 'creator_id', 'created_by', 'added_by_user_id']
/** The fields that a caller may set, and that are the user of the key otherwise. */
const OWNERS = ['owner_id', 'user_id']

/** By creator; for an object without a creator, by owner. */
function isBy(row: UpstreamRow, { userId }: JournalStep, body: Record<string, unknown> = {}): boolean {
  const creator = CREATORS.find((name) => name in row)
  if (creator !== undefined) return userIn(row[creator]) === userId
  const owner = OWNERS.find((name) => name in row)
  return owner === undefined || userIn(row[owner]) === Number(body[owner] ?? userId)
}

/** API v1 shows some users as objects. */
const userIn = (value: unknown): number => Number(isObject(value) ? (value['id'] ?? value['value']) : value)
