import { sql } from 'kysely'
import type { Store } from '../../store/store.ts'
import type { EndpointHealth } from './apply-response.ts'

/** A DueDelivery is a delivery that no earlier delivery of its record blocks. */
export interface DueDelivery {
  id: string
  record_id: string
  attempts: number
  next_at: Date
  created_at: Date
  event_id: string
  happening: string
  /** Whether a person requested it as a test. */
  test: boolean
  /** When the event happened, or was recorded if that is unknown. */
  at: Date
  /** JSON; null if it is not due yet. */
  payload: string | null
  /** Whether a later delivery of the same record waits for it. */
  blocks_later: boolean
}

/** An Endpoint is the receiver of one subscription's deliveries. */
export interface Endpoint {
  id: string
  sourceId: string
  kind: string
  format: string
  health: EndpointHealth
  sealedTarget: string
  sealedSigningKey: string | null
}

/** A DueBatch is an endpoint with its next deliveries. */
export interface DueBatch {
  endpoint: Endpoint
  /** In the order in which they are due. */
  deliveries: DueDelivery[]
  /** Whether the endpoint has no other pending delivery. */
  isAll: boolean
}

/** Limits the payloads of one endpoint in memory. */
const BATCH_SIZE = 20

/**
 * Reads an endpoint and its next deliveries: those that are due, and at least one that is not due yet if there is one. Excludes the ids in
 * `inFlight`. Returns undefined for a subscription that gets no requests: paused, ended, or with deliveries that the client fetches.
 */
export async function loadDueDeliveries(
  { db }: Pick<Store, 'db'>,
  id: string,
  now: Date,
  inFlight: readonly string[],
): Promise<DueBatch | undefined> {
  const row = await db
    .selectFrom('subscriptions as s')
    .innerJoin('sources', 'sources.id', 's.source_id')
    .select(['source_id', 'kind', 's.state', 'failures', 'quiet_until', 'format', 'sealed_target', 'sealed_signing_key'])
    .where('s.id', '=', id)
    .executeTakeFirst()
  if (!row || row.sealed_target === null || (row.state !== 'active' && row.state !== 'disabled')) return undefined
  const { state, failures, quiet_until: quietUntil } = row
  const endpoint: Endpoint = {
    id,
    sourceId: row.source_id,
    kind: row.kind,
    format: row.format,
    health: { state, failures, quietUntil },
    sealedTarget: row.sealed_target,
    sealedSigningKey: row.sealed_signing_key,
  }
  // A disabled endpoint is probed with its oldest delivery, due or not.
  const deliveries = await dueDeliveriesOf(db, id, now, inFlight, state === 'disabled')
  const isAll = state === 'active' && deliveries.length < BATCH_SIZE && !deliveries.some((delivery) => delivery.blocks_later)
  return { endpoint, deliveries, isAll }
}

/** The earliest delivery of each record, ordered by due time. `isDisabled`: only the oldest one, due or not. */
export async function dueDeliveriesOf(
  db: Store['db'],
  id: string,
  now: Date,
  inFlight: readonly string[],
  isDisabled = false,
): Promise<DueDelivery[]> {
  const order = isDisabled ? sql`d.seq` : sql`d.next_at, d.seq`
  const ofRecord = sql`from deliveries b where b.subscription_id = ${id} and b.record_id = d.record_id and b.state = 'pending'`
  // A delivery without an attempt is always due, even if this clock was set back or lags behind the clock of the process that made it.
  // Written to read a few rows from the indexes even before the database has statistics: an anti-join would read all pending deliveries
  // each time.
  const { rows } = await sql<DueDelivery>`
    with due as materialized (
      select d.id, d.seq, d.event_seq, d.record_id, d.attempts, d.next_at, d.created_at, (select count(*) from (select b.seq ${ofRecord} order by b.seq limit 2) as first_two) > 1 as blocks_later
      from deliveries d
      where d.subscription_id = ${id} and d.state = 'pending'${notIn(inFlight)}
        and d.seq = (select b.seq ${ofRecord} order by b.seq limit 1)
      order by ${order} limit ${isDisabled ? 1 : BATCH_SIZE}
    )
    select d.id, e.record_id, d.attempts, d.next_at, d.created_at, d.blocks_later, e.id as event_id, e.happening, e.origin = 'test' as test,
      coalesce(e.as_of, e.created_at) as at, case when d.next_at <= ${now} or d.attempts = 0 or ${isDisabled} then cast(e.payload as text) end as payload
    from due d join events e on e.seq = d.event_seq
    order by ${order}`.execute(db)
  // The embedded database returns expressions without a type: numbers instead of times and booleans.
  return rows.map((row) => ({ ...row, test: Boolean(row.test), blocks_later: Boolean(row.blocks_later), at: new Date(row.at) }))
}

const notIn = (ids: readonly string[]) => (ids.length === 0 ? sql`` : sql` and d.id not in (${sql.join(ids)})`)
