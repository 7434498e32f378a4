import { sql } from 'kysely'
import type { Store } from '../../store/store.ts'
import type { EndpointHealth } from './apply-response.ts'

/** A Head is a delivery that no earlier one of its record keeps waiting. */
export interface DueDelivery {
  id: string
  record_id: number
  attempts: number
  next_at: Date
  created_at: Date
  event_id: string
  happening: string
  /** Ordered by people: receivers are told. */
  test: boolean
  /** When it happened, as far as that is known. */
  at: Date
  /** JSON; nothing where it is not due yet. */
  payload: string | null
  /** Whether a later delivery of its record waits behind it. */
  keeps_waiting: boolean
}

/** A Receiver is a subscription whose events are sent to it. */
export interface Endpoint {
  id: string
  sourceId: string
  kind: string
  format: string
  standing: EndpointHealth
  sealedTarget: string
  sealedSigningKey: string | null
}

/** A Taken is a receiver and its heads. */
export interface DueBatch {
  receiver: Endpoint
  /** Those that are due first. */
  heads: DueDelivery[]
  /** Whether nothing else is on its way to it: no more heads, and nothing behind these. */
  isAll: boolean
}

/** So many payloads of one receiver are in memory at once. */
const HEADS = 20

/**
 * Reads a receiver, and its heads: those that are due first, and at least one that is not, if there is one. `flying` are left out. Answers
 * undefined for a subscription to which nothing is sent: paused, ended, or fetched.
 */
export async function loadDueDeliveries(
  { db }: Pick<Store, 'db'>,
  id: string,
  now: Date,
  flying: readonly string[],
): Promise<DueBatch | undefined> {
  const row = await db
    .selectFrom('subscriptions as s')
    .innerJoin('sources', 'sources.id', 's.source_id')
    .select(['source_id', 'kind', 's.state', 'failures', 'quiet_until', 'format', 'sealed_target', 'sealed_signing_key'])
    .where('s.id', '=', id)
    .executeTakeFirst()
  if (!row || row.sealed_target === null || (row.state !== 'active' && row.state !== 'disabled')) return undefined
  const { state, failures, quiet_until: quietUntil } = row
  const receiver: Endpoint = {
    id,
    sourceId: row.source_id,
    kind: row.kind,
    format: row.format,
    standing: { state, failures, quietUntil },
    sealedTarget: row.sealed_target,
    sealedSigningKey: row.sealed_signing_key,
  }
  // One that is turned off is asked with the oldest, whatever that waits for.
  const heads = await dueDeliveriesOf(db, id, now, flying, state === 'disabled')
  const isAll = state === 'active' && heads.length < HEADS && !heads.some((head) => head.keeps_waiting)
  return { receiver, heads, isAll }
}

/** The earliest delivery of each record: those that are due first. `isOff`: the oldest one alone, whatever that waits for. */
export async function dueDeliveriesOf(
  db: Store['db'],
  id: string,
  now: Date,
  flying: readonly string[],
  isOff = false,
): Promise<DueDelivery[]> {
  const order = isOff ? sql`d.seq` : sql`d.next_at, d.seq`
  const ofRecord = sql`from deliveries b where b.subscription_id = ${id} and b.record_id = d.record_id and b.state = 'pending'`
  // What was never tried is due, also by a clock that was set back, or lags behind that of the process which made it.
  // Written so that it is answered from the indexes, a few rows at a time, also where the database knows nothing of its tables yet: an
  // anti-join would read all that is on its way, each time.
  const { rows } = await sql<DueDelivery>`
    with heads as materialized (
      select d.id, d.seq, d.event_seq, d.record_id, d.attempts, d.next_at, d.created_at, (select count(*) from (select b.seq ${ofRecord} order by b.seq limit 2) as first_two) > 1 as keeps_waiting
      from deliveries d
      where d.subscription_id = ${id} and d.state = 'pending'${notIn(flying)}
        and d.seq = (select b.seq ${ofRecord} order by b.seq limit 1)
      order by ${order} limit ${isOff ? 1 : HEADS}
    )
    select d.id, e.record_id, d.attempts, d.next_at, d.created_at, d.keeps_waiting, e.id as event_id, e.happening, e.origin = 'test' as test,
      coalesce(e.as_of, e.created_at) as at, case when d.next_at <= ${now} or d.attempts = 0 or ${isOff} then cast(e.payload as text) end as payload
    from heads d join events e on e.seq = d.event_seq
    order by ${order}`.execute(db)
  // Of an expression the embedded database says neither that it is a time nor that it is true.
  return rows.map((head) => ({ ...head, test: Boolean(head.test), keeps_waiting: Boolean(head.keeps_waiting), at: new Date(head.at) }))
}

const notIn = (ids: readonly string[]) => (ids.length === 0 ? sql`` : sql` and d.id not in (${sql.join(ids)})`)
