import { randomUUID } from 'node:crypto'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { StoreEngine } from '../../store/engine.ts'
import { jsonText } from '../../store/json-text.ts'
import type { Tables } from '../../store/tables.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { loadActiveSubscriptions, matchesFilters, type ActiveSubscription } from './active-subscriptions.ts'
import { decideRecording, type KnownEvents, type EventIdentity, type RecordingDecision } from './decide-recording.ts'
import type { DetectedEvent } from './detected-event.ts'
import { recordIdOf } from '../../kit/record-id.ts'

/** Bound values of one statement stay far below PostgreSQL's 65,535. */
const ROWS_AT_ONCE = 500

const DELIVERY = { id: 'text', subscription: 'text', seq: 'bigint', record: 'text' } as const
const EVENT = {
  id: 'text',
  record_id: 'text',
  happening: 'text',
  identity: 'text',
  twin: 'text',
  origin: 'text',
  as_of: 'time',
  base_as_of: 'time',
  base_told_at: 'time',
  payload: 'json',
} as const

/**
 * Records the detected events that are not recorded yet, in their order, and makes their deliveries. Returns the number of deliveries; if there are
 * any, the caller signals SUBSCRIPTIONS after the commit.
 */
export async function recordEvents(
  trx: Transaction<Tables>,
  { store: { engine }, clock, options, metrics }: Pick<DeliveryDeps, 'store' | 'clock' | 'options' | 'metrics'>,
  source: Pick<Source, 'id' | 'kind'>,
  detected: readonly DetectedEvent[],
): Promise<number> {
  if (detected.length === 0) return 0
  const now = new Date(clock.now())
  const { newEvents, absorbed } = decideRecording(detected, await loadRecorded(trx, source.id, detected))
  if (newEvents.length + absorbed.length === 0) return 0
  // Loaded again: a subscription made since the batch was planned receives what is recorded from then on, and one that ended receives nothing.
  const subscriptions = await loadActiveSubscriptions(trx, source, options)
  const late = absorbed.length === 0 ? [] : await absorb(trx, engine, absorbed, subscriptions, now)
  const seqs = await insertEvents(trx, engine, source.id, newEvents, now)
  for (const { dedupKey, origin } of newEvents) if (seqs.has(dedupKey)) metrics.events(origin, 1)
  const deliveries = newEvents.flatMap((event) => {
    const seq = seqs.get(event.dedupKey)
    // Another process has recorded it meanwhile.
    return seq === undefined ? [] : deliveriesOf(event, seq, subscriptions)
  })
  for (const rows of chunks(deliveries))
    await sql`
      insert into deliveries (id, subscription_id, event_seq, record_id, state, next_at, created_at)
      select id, subscription, seq, record, 'pending', ${now}, ${now} from ${engine.rows(DELIVERY, rows)} order by n`.execute(trx)
  const recipients = new Set([...deliveries.map(({ subscription }) => subscription), ...late])
  await wake(
    trx,
    subscriptions.filter(({ id, state }) => state === 'active' && recipients.has(id)).map(({ id }) => id),
    now,
  )
  return deliveries.length + late.length
}

const deliveriesOf = (event: DetectedEvent, seq: number, subscriptions: readonly ActiveSubscription[]) =>
  subscriptions
    .filter((subscription) => matchesFilters(subscription, event))
    .map(({ id }) => ({ id: randomUUID(), subscription: id, seq, record: String(event.recordId) }))

/** The recorded events that these may repeat. */
export async function loadRecorded(db: Kysely<Tables>, sourceId: string, detected: readonly EventIdentity[]): Promise<KnownEvents> {
  const dedupKeys = detected.map(({ dedupKey }) => dedupKey)
  const contentKeys = detected.flatMap(({ contentKey }) => (contentKey === null ? [] : [contentKey]))
  const events = db.selectFrom('events').select(['identity', 'twin'])
  const same = await (
    contentKeys.length === 0
      ? events.where('identity', 'in', dedupKeys)
      : events.where('identity', 'in', dedupKeys).union(events.where('twin', 'in', contentKeys))
  ).execute()
  const keys = new Set(same.flatMap(({ identity, twin }) => (twin === null ? [identity] : [identity, twin])))
  const webhooks = detected.filter(({ origin }) => origin === 'webhook')
  if (webhooks.length === 0) return { keys, reconciled: [] }
  const reconciled = await db
    .selectFrom('events')
    .select(['seq', 'record_id', 'happening', 'as_of', 'base_as_of', 'base_told_at'])
    .select(({ exists, selectFrom }) =>
      exists(selectFrom('deliveries').select('deliveries.seq').whereRef('event_seq', '=', 'events.seq')).as('has_deliveries'),
    )
    .where('source_id', '=', sourceId)
    .where('record_id', 'in', [...new Set(webhooks.map(({ recordId }) => String(recordId)))])
    .where('origin', '=', 'reconciled')
    .where('absorbed', '=', false)
    .where('as_of', 'is not', null)
    .orderBy('seq')
    .execute()
  return {
    keys,
    reconciled: reconciled.map((row) => ({
      seq: row.seq,
      recordId: recordIdOf(row.record_id),
      eventType: row.happening,
      stateAt: row.as_of!,
      hasDeliveries: Boolean(row.has_deliveries),
      base: row.base_as_of === null ? undefined : { stateAt: row.base_as_of, webhookAt: row.base_told_at },
    })),
  }
}

/**
 * The reconciled event takes the keys of its webhook, so that a repetition of that webhook finds it. Reconciliation filtered by the record's state
 * at that time; a filter may match the earlier state, which only the webhook contains. Subscriptions that match by it, and existed when the event
 * was recorded, receive it now. An event without deliveries gets the webhook's payload. Returns the recipients.
 */
async function absorb(
  trx: Transaction<Tables>,
  engine: StoreEngine,
  absorbed: RecordingDecision<DetectedEvent>['absorbed'],
  subscriptions: readonly ActiveSubscription[],
  now: Date,
): Promise<string[]> {
  const recipients: string[] = []
  for (const some of chunks(absorbed)) {
    const updates = some.map(({ event: { dedupKey, contentKey, payload }, seq, hasDeliveries }) => ({
      event: seq,
      identity: dedupKey,
      twin: contentKey,
      payload: hasDeliveries ? null : jsonText(payload),
    }))
    const { rows: updated } = await sql<{ seq: number }>`
      update events as e set absorbed = true, identity = v.identity, twin = v.twin, payload = coalesce(v.payload, e.payload)
      from ${engine.rows({ event: 'bigint', identity: 'text', twin: 'text', payload: 'json' }, updates)}
      where e.seq = v.event and not e.absorbed returning seq`.execute(trx)
    // Another process may have absorbed the rest.
    const seqs = new Set(updated.map(({ seq }) => seq))
    const deliveries = some.filter(({ seq }) => seqs.has(seq)).flatMap(({ event, seq }) => deliveriesOf(event, seq, subscriptions))
    for (const rows of chunks(deliveries)) {
      const made = await sql<{ subscription_id: string }>`
        insert into deliveries (id, subscription_id, event_seq, record_id, state, next_at, created_at)
        select v.id, v.subscription, v.seq, v.record, 'pending', ${now}, ${now}
        from ${engine.rows(DELIVERY, rows)}
        join events e on e.seq = v.seq
        join subscriptions s on s.id = v.subscription and s.created_at <= e.created_at
        where not exists (select 1 from deliveries d where d.event_seq = v.seq and d.subscription_id = v.subscription)
        order by v.n returning subscription_id`.execute(trx)
      recipients.push(...made.rows.map(({ subscription_id: id }) => id))
    }
  }
  return recipients
}

/** Returns the sequence numbers of the inserted events by dedupKey; one that another process has recorded meanwhile is missing. */
async function insertEvents(
  trx: Transaction<Tables>,
  engine: StoreEngine,
  sourceId: string,
  events: readonly DetectedEvent[],
  now: Date,
): Promise<Map<string, number>> {
  const seqs = new Map<string, number>()
  for (const some of chunks(events)) {
    const values = some.map(({ recordId, eventType, dedupKey, contentKey, origin, stateAt, base, payload }) => ({
      id: randomUUID(),
      record_id: String(recordId),
      happening: eventType,
      identity: dedupKey,
      twin: contentKey,
      origin,
      as_of: stateAt,
      base_as_of: base?.stateAt,
      base_told_at: base?.webhookAt,
      payload: jsonText(payload),
    }))
    const { rows } = await sql<{ identity: string; seq: number }>`
      insert into events (id, source_id, record_id, happening, identity, twin, origin, as_of, base_as_of, base_told_at, payload, created_at)
      select id, ${sourceId}, record_id, happening, identity, twin, origin, as_of, base_as_of, base_told_at, payload, ${now}
      from ${engine.rows(EVENT, values)} where true order by n
      on conflict do nothing returning identity, seq`.execute(trx)
    for (const { identity, seq } of rows) seqs.set(identity, seq)
  }
  return seqs
}

/** Every transaction that locks several subscriptions does so in the order of their ids, so that two never wait for each other. */
async function wake(trx: Transaction<Tables>, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('subscriptions')
    .set({ due_at: now })
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('subscriptions').select('id').where('id', 'in', ids).where('due_at', '>', now).orderBy('id').forNoKeyUpdate(),
    )
    .execute()
}

const chunks = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / ROWS_AT_ONCE) }, (_, i) => list.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE))
