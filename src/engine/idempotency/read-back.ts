import type { Clock } from '../../kit/clock.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { UpstreamRow, UpstreamWrite } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { matchLostWrite, type ReadBackResult } from './match-lost-write.ts'
import type { Journal, RunLease, JournalStep } from './journal.ts'
import { likeness, shows } from './same-content.ts'

/** When to look, in parts of the settle time after the end of the connection: with 10 s after 2, 5 and 10. */
const LOOKS = [0.2, 0.5, 1]
/** After the settle time reading goes on for this long, where it fails or where what was found may be somebody else's. */
const PATIENCE_MS = 60_000
const AGAIN_EVERY_MS = 5_000
/** Counted as well, for clocks jump. */
const AGAIN_MAX = PATIENCE_MS / AGAIN_EVERY_MS
/** One look's own time upstream. */
const LOOK_MS = 15_000
/** 1,000 records of everybody's since the attempt; whoever makes more in that time has to look himself. */
const PAGES_MAX = 10
/** Servers behind one name do not agree on the second. */
const DATE_SPREAD_MS = 5_000

/** A Seen is what looking for a lost write has come to. */
export type ReadBackCandidates =
  | { do: 'found'; row: UpstreamRow | undefined }
  | { do: 'absent' }
  | { do: 'ambiguous'; candidates: readonly number[] }
  | { do: 'undecided'; why: string }
  | { do: 'lost-lease' }

export interface ReadBackDeps {
  write: UpstreamWrite
  step: JournalStep
  run: RunLease
  journal: Journal
  clock: Clock
  settleMs: number
  /** When the last look begins, whatever it shows; none where nobody waits for it. */
  untilMs: number | undefined
  /** Waits, and keeps the intent ours meanwhile. */
  pause(ms: number, thenBusyForMs: number): Promise<void>
}

/** Looks in Pipedrive for what a write without an answer has done; a record that it finds is claimed. Nothing is ever sent twice here. */
export async function readBack(deps: ReadBackDeps): Promise<ReadBackCandidates> {
  const { write, step, clock, settleMs, untilMs = Infinity, pause } = deps
  const now = clock.now()
  // Time is added up from pauses: were it read from the clock, a jump ahead would be taken for the settle time, and one back would last for ever.
  let waitedMs = Math.min(Math.max(0, now - (step.endedAtMs ?? now)), settleMs)
  const looks = LOOKS.map((part) => part * settleMs).filter((ms) => ms > waitedMs || ms === settleMs)
  const patientUntil = now + settleMs - waitedMs + PATIENCE_MS
  for (let n = 0; ; n++) {
    const dueMs = looks[n] ?? waitedMs + AGAIN_EVERY_MS
    const leftMs = Math.max(0, untilMs - clock.now())
    const cutShort = dueMs - waitedMs > leftMs
    await pause(cutShort ? leftMs : dueMs - waitedMs, LOOK_MS)
    waitedMs = dueMs
    const last = n >= looks.length - 1 && !cutShort
    const over = cutShort || (last && (clock.now() >= Math.min(patientUntil, untilMs) || n >= looks.length + AGAIN_MAX))
    write.deadline.at = clock.now() + LOOK_MS
    try {
      const seen = write.method === 'POST' ? await lookForNew(deps, last, over) : await lookAt(write, step, last)
      if (seen) return seen
      if (over) return { do: 'undecided', why: 'its caller could not wait until it must have appeared' }
    } catch (error) {
      if (!(error instanceof DealbridgeError) || error instanceof StoreUnavailable) throw error
      const waitMs = (error.retryAfterSeconds ?? 0) * 1_000
      if (error.status === 401 || over || clock.now() + waitMs > patientUntil)
        return { do: 'undecided', why: `looking for it failed (${error.message.replace(/\.$/, '')})` }
    }
  }
}

async function lookAt(write: UpstreamWrite, { sinceDateMs }: JournalStep, last: boolean): Promise<ReadBackCandidates | undefined> {
  const row = await write.current()
  const sent = write.body ?? {}
  if (write.method === 'DELETE' ? row === undefined : row !== undefined && shows(sent, row)) return { do: 'found', row }
  if (!last) return undefined
  // Changed since: by this write, of which not all is shown, or by somebody whose change a repeat would overwrite.
  if (write.method === 'PATCH' && row && sinceDateMs !== undefined && Date.parse(String(row['update_time'])) > sinceDateMs)
    return likeness(sent, row) === 'same' ? { do: 'found', row } : { do: 'ambiguous', candidates: [] }
  return { do: 'absent' }
}

async function lookForNew(
  { write, step, run, journal, clock }: ReadBackDeps,
  last: boolean,
  over: boolean,
): Promise<ReadBackCandidates | undefined> {
  const { rows, beyond } = await newSince(write, step)
  for (;;) {
    // In this order: whose write has ended by the second look has claimed what it made by the third.
    const others = await journal.others(run.intentId, step, clock.now())
    const claimed = await journal.claimed(
      run.intentId,
      step,
      rows.map(({ id }) => id),
    )
    const free = rows.filter((row) => !claimed.has(row.id))
    const idsOf = (wanted: 'same' | 'similar') =>
      free
        .filter((row) => likeness(write.body ?? {}, row) === wanted)
        .map(({ id }) => id)
        .toSorted((a, b) => a - b)
    const reading: ReadBackResult = { same: idsOf('same'), similar: idsOf('similar'), beyond, ...others, last, over }
    const verdict = matchLostWrite(reading)
    if (verdict.do === 'read-on') return undefined
    if (verdict.do === 'repeat') return { do: 'absent' }
    if (verdict.do === 'give-up') return { do: 'ambiguous', candidates: verdict.candidates }
    const row = rows.find(({ id }) => id === verdict.id)!
    const claim = await journal.claim(run, { ...step, recordId: row.id, result: row, endedAtMs: clock.now() })
    if (claim === 'claimed') return { do: 'found', row }
    if (claim === 'lost') return { do: 'lost-lease' }
  }
}

/** Records of this user that are newer than the attempt. */
async function newSince(write: UpstreamWrite, step: JournalStep): Promise<{ rows: UpstreamRow[]; beyond: boolean }> {
  const rows: UpstreamRow[] = []
  let cursor: string | undefined
  for (let pages = 1; ; pages++) {
    const page = await write.newest(cursor)
    rows.push(...page.rows.filter((row) => isNewer(row, step, write.body) && isBy(row, step, write.body) && row['is_deleted'] !== true))
    // Ids grow with creation; a time can be back-dated, so only a whole page of old ones is the end.
    const atEnd =
      step.sinceId === undefined
        ? page.rows.every((row) => !isNewer(row, step, write.body))
        : page.rows.some((row) => row.id <= step.sinceId!)
    if (page.nextCursor === null || atEnd) return { rows, beyond: false }
    if (pages === PAGES_MAX) return { rows, beyond: true }
    cursor = page.nextCursor
  }
}

/** By id where one is known, and by date: an id may have been seen long ago, and what others have made since then is none of ours. */
function isNewer(row: UpstreamRow, { sinceId, sinceDateMs }: JournalStep, body: Record<string, unknown> | undefined): boolean {
  if (sinceId !== undefined && row.id <= sinceId) return false
  // Whoever sends a time of its own makes records of any age.
  if (sinceId !== undefined && body?.['add_time'] !== undefined) return true
  const addedAt = Date.parse(String(row['add_time']))
  return Number.isNaN(addedAt) || sinceDateMs === undefined || addedAt >= sinceDateMs - DATE_SPREAD_MS
}

/** Who made it; of an object that does not tell, whose it is. */
function isBy(row: UpstreamRow, { userId }: JournalStep, body: Record<string, unknown> | undefined): boolean {
  if ('creator_user_id' in row) return Number(row['creator_user_id']) === userId
  return !('owner_id' in row) || Number(row['owner_id']) === Number(body?.['owner_id'] ?? userId)
}
