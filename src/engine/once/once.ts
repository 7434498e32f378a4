import type { KeyObject } from 'node:crypto'
import { normalisedValue, showsValue } from '../../catalog/found-by.ts'
import type { FoundRecord, OnceCalls, OperationContext, SoughtRecord } from '../../catalog/define.ts'
import type { Clock } from '../../kit/clock.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import type { RecordId } from '../../kit/record-id.ts'
import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import type { Pipedrive } from '../../pipedrive/pipedrive.ts'
import type { Sought, UpstreamWrite, WriteGuard } from '../../pipedrive/write-guard.ts'
import type { UpstreamSession } from '../account-session.ts'
import type { SharedRuns } from '../idempotency/idempotency.ts'
import { digest } from '../idempotency/idempotency-key.ts'
import { failedOutcome, noNotices } from '../idempotency/stored-answer.ts'
import { Ambiguous } from './errors/ambiguous.ts'
import { CreateUnknown } from './errors/create-unknown.ts'

const MINUTE_MS = 60_000
/** Pipedrive's search shows a new record some time after its creation; every assumption about that time is well below. */
const REMEMBERED_MS = 10 * MINUTE_MS
/** A host gives up after 120 s; the look-ups of the answer (25 s) follow. */
const WAITS_MS = 75_000
const READ_AGAIN_EVERY_MS = 2_000
/** Records with one value that are read. */
const READ_MAX = 20

/** A FoundOutcome is what the store remembers of a find or create: ids, never a value. */
interface FoundOutcome {
  ids: readonly RecordId[]
  /** The call that created the record, and when. */
  creation?: { by: string; atMs: number }
}

/** Whether a record was created; what a search finds, the next search finds again. */
export const isCreation = (body: unknown): boolean => (body as FoundOutcome).creation !== undefined

/** An OnceCaller is one call of an operation that finds or creates. */
export interface OnceCaller {
  upstream: UpstreamSession
  operation: string
  requestId: string
  /** The guard around the writes of the call, and the name of its idempotency record if a repeat of the call finds it. */
  guard: WriteGuard | undefined
  callName: string | undefined
}

export interface OnceDeps {
  runs: SharedRuns
  clock: Clock
  /** Keys the names of the records. */
  salt: KeyObject
  /** How long after its creation a record may be invisible. */
  settleMs: number
}

/** Finds or creates a record once for all callers: the first one's search and create count, and the others read the record that it leaves. */
export function createOnce({ runs, clock, salt, settleMs }: OnceDeps, caller: OnceCaller): OperationContext['once'] {
  const { upstream, operation, requestId, guard, callName } = caller
  const creator = callName ?? requestId

  return async <R extends FoundRecord>(wanted: SoughtRecord, calls: OnceCalls<R>) => {
    const { object, findBy, onSeveral = 'error' } = wanted
    const value = normalisedValue(findBy, wanted.value)
    if (value === '') throw new InvalidInput([{ field: findBy, message: 'has nothing by which a record can be found' }])
    const { id: userId, company_id: companyId } = await upstream.referenceData.me()
    const name = digest(salt, 'find or create', String(companyId), object, findBy, value)
    const sought: Sought = { name, isShownBy: (row) => showsValue(row, findBy, value) }
    const untilMs = clock.now() + WAITS_MS

    const alive = async (pipedrive: Pipedrive, ids: readonly RecordId[]): Promise<R[]> => {
      const oldest = [...new Set(ids)].toSorted(byAge).slice(0, READ_MAX)
      const read = await Promise.all(oldest.map((id) => calls.read(pipedrive, id)))
      return read.filter((row) => row !== undefined)
    }
    const choose = (rows: readonly R[], created: boolean) => {
      const [oldest] = rows
      if (!oldest || (rows.length > 1 && onSeveral === 'error')) throw new Ambiguous(wanted, rows.map(idOf), rows.length < READ_MAX)
      return { row: oldest, created }
    }

    /** One search, and a create if it finds nothing. */
    async function findOrCreate(): Promise<{ row: R; created: boolean }> {
      for (;;) {
        let own: { rows: R[]; created: boolean } | undefined
        const attempt = async (runGuard: WriteGuard | undefined) => {
          try {
            const pipedrive = upstream.withGuard(runGuard && { around: (write, send) => runGuard.around({ ...write, sought }, send) })
            const rows = await alive(pipedrive, await calls.find(pipedrive))
            own = rows.length > 0 ? { rows, created: false } : { rows: [await calls.create(pipedrive)], created: true }
            const body: FoundOutcome = { ids: own.rows.map(idOf), ...(own.created && { creation: { by: creator, atMs: clock.now() } }) }
            return { ok: true as const, body, notices: noNotices() }
          } catch (error) {
            return failedOutcome(error)
          }
        }
        const request = { name, operation, requestId, ttlMs: REMEMBERED_MS, untilMs }
        const { outcome, replayed, joined, recordId } = await runs.share(request, attempt)
        // It may have waited for another call.
        upstream.deadline.at = Math.max(upstream.deadline.at, clock.now() + CALL_DEADLINE_MS)
        if (outcome.ok) {
          if (own) return choose(own.rows, own.created)
          const { ids, creation } = outcome.body as FoundOutcome
          let rows = await alive(upstream.pipedrive, ids)
          // A new record may be readable only after some seconds, and must not count as deleted until then.
          while (rows.length === 0 && creation && clock.now() < creation.atMs + settleMs) {
            await clock.sleep(READ_AGAIN_EVERY_MS)
            rows = await alive(upstream.pipedrive, ids)
          }
          if (rows.length > 0) return choose(rows, creation?.by === creator)
          if (recordId !== undefined) await runs.forget(recordId)
        } else if (replayed) {
          const rows = await alive(upstream.pipedrive, await calls.find(upstream.pipedrive))
          if (rows.length > 0) return choose(rows, false)
          throw new CreateUnknown(wanted, REMEMBERED_MS / MINUTE_MS, outcome.error as Error)
        }
        // The call that this one waited for may have failed because of what only that one sent or may do.
        else if (!joined || clock.now() >= untilMs) throw outcome.error
      }
    }

    if (!guard || callName === undefined) return findOrCreate()
    // A repeat of this call gets its outcome, not that of another find or create.
    let found: { row: R; created: boolean } | undefined
    const whole: UpstreamWrite = {
      target: { method: 'POST', path: '(find or create)', object },
      method: 'POST',
      collection: '(find or create)',
      id: undefined,
      body: undefined,
      deadline: upstream.deadline,
      baseline: () => Promise.resolve({ companyId, userId, sinceId: undefined, sinceDateMs: undefined }),
      sought,
      repeatable: true,
    }
    const known = await guard.around(whole, async () => {
      found = await findOrCreate()
      return { record: found.row.id, created: found.created }
    })
    if (found) return found
    const row = await calls.read(upstream.pipedrive, known.record)
    return row ? { row, created: known.created } : findOrCreate()
  }
}

const idOf = ({ id }: FoundRecord): RecordId => id
/** A UUID shows no age. */
const byAge = (a: RecordId, b: RecordId): number => (typeof a === 'number' && typeof b === 'number' ? a - b : 0)
