import { randomUUID } from 'node:crypto'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { StoreEngine } from '../../store/engine.ts'
import { jsonText } from '../../store/json-text.ts'
import type { Tables } from '../../store/tables.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { decideRecording, type KnownEvents, type EventIdentity } from './decide-recording.ts'
import type { DetectedEvent } from './detected-event.ts'
import { loadActiveSubscriptions, matchesFilters, type ActiveSubscription } from './active-subscriptions.ts'

/** Bound values of one statement stay far below PostgreSQL's 65,535. */
const ROWS_AT_ONCE = 500

const DELIVERY = { id: 'text', listener: 'text', seq: 'bigint', record: 'bigint' } as const
const EVENT = {
  id: 'text',
  record_id: 'bigint',
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
 * Records what was found, unless it was told already, and makes its deliveries. Answers how many; whoever commits signals SUBSCRIPTIONS when
 * there are any. The order of `found` is the order of the events.
 */
export async function recordEvents(
  trx: Transaction<Tables>,
  { store: { engine }, clock, options, metrics }: Pick<DeliveryDeps, 'store' | 'clock' | 'options' | 'metrics'>,
  source: Pick<Source, 'id' | 'kind'>,
  found: readonly DetectedEvent[],
): Promise<number> {
  if (found.length === 0) return 0
  const now = new Date(clock.now())
  const { news, absorbed } = decideRecording(found, await loadRecorded(trx, source.id, found))
  if (news.length + absorbed.length === 0) return 0
  // Not those that the batch was planned with: who has subscribed since is promised what is recorded from then on, and who has ended gets nothing.
  const listeners = await loadActiveSubscriptions(trx, source, options)
  const late = absorbed.length === 0 ? [] : await absorb(trx, engine, absorbed, listeners, now)
  const seqs = await insertEvents(trx, engine, source.id, news, now)
  for (const { identity, origin } of news) if (seqs.has(identity)) metrics.events(origin, 1)
  const deliveries = news.flatMap((event) => {
    const seq = seqs.get(event.identity)
    // Another process was quicker.
    if (seq === undefined) return []
    return listeners.filter((listener) => matchesFilters(listener, event)).map((listener) => ({ listener, seq, recordId: event.recordId }))
  })
  for (const some of chunks(deliveries)) {
    const rows = some.map(({ listener, seq, recordId }) => ({ id: randomUUID(), listener: listener.id, seq, record: recordId }))
    await sql`
      insert into deliveries (id, subscription_id, event_seq, record_id, state, next_at, created_at)
      select id, listener, seq, record, 'pending', ${now}, ${now} from ${engine.rows(DELIVERY, rows)} order by n`.execute(trx)
  }
  const hearers = new Set([...deliveries.map(({ listener }) => listener.id), ...late])
  await wake(
    trx,
    listeners.filter(({ id, state }) => state === 'active' && hearers.has(id)).map(({ id }) => id),
    now,
  )
  return deliveries.length + late.length
}

/** What is recorded already of these events. */
export async function loadRecorded(db: Kysely<Tables>, sourceId: string, found: readonly EventIdentity[]): Promise<KnownEvents> {
  const identities = found.map(({ identity }) => identity)
  const twins = found.flatMap(({ twin }) => (twin === null ? [] : [twin]))
  const same = db.selectFrom('events').select(['identity', 'twin'])
  const told = await (
    twins.length === 0
      ? same.where('identity', 'in', identities)
      : same.where('identity', 'in', identities).union(same.where('twin', 'in', twins))
  ).execute()
  const names = new Set(told.flatMap(({ identity, twin }) => (twin === null ? [identity] : [identity, twin])))
  const late = found.filter(({ origin }) => origin === 'webhook')
  if (late.length === 0) return { names, reconciled: [] }
  const reconciled = await db
    .selectFrom('events')
    .select(['seq', 'record_id', 'happening', 'as_of', 'base_as_of', 'base_told_at'])
    .select(({ exists, selectFrom }) =>
      exists(selectFrom('deliveries').select('deliveries.seq').whereRef('event_seq', '=', 'events.seq')).as('heard'),
    )
    .where('source_id', '=', sourceId)
    .where('record_id', 'in', [...new Set(late.map(({ recordId }) => recordId))])
    .where('origin', '=', 'reconciled')
    .where('absorbed', '=', false)
    .where('as_of', 'is not', null)
    .orderBy('seq')
    .execute()
  return {
    names,
    reconciled: reconciled.map((row) => ({
      seq: row.seq,
      recordId: row.record_id,
      happening: row.happening,
      asOf: row.as_of!,
      heard: Boolean(row.heard),
      base: row.base_as_of === null ? undefined : { asOf: row.base_as_of, toldAt: row.base_told_at },
    })),
  }
}

/**
 * The reconciled event takes the webhook's name, so that a repetition of that webhook finds it. Lists have shown the record as it was by then; a
 * filter may have asked for what it was before, which the webhook says: who wants it by that, and had subscribed when it was recorded, gets it
 * now. What nobody has got is told as the webhook has it. Answers who gets it.
 */
async function absorb(
  trx: Transaction<Tables>,
  engine: StoreEngine,
  absorbed: readonly { event: DetectedEvent; seq: number; heard: boolean }[],
  listeners: readonly ActiveSubscription[],
  now: Date,
): Promise<string[]> {
  const hearers: string[] = []
  for (const some of chunks(absorbed)) {
    const names = some.map(({ event: { identity, twin, payload }, seq, heard }) => ({
      event: seq,
      identity,
      twin,
      payload: heard ? null : jsonText(payload),
    }))
    const { rows: taken } = await sql<{ seq: number }>`
      update events as e set absorbed = true, identity = v.identity, twin = v.twin, payload = coalesce(v.payload, e.payload)
      from ${engine.rows({ event: 'bigint', identity: 'text', twin: 'text', payload: 'json' }, names)}
      where e.seq = v.event and not e.absorbed returning seq`.execute(trx)
    const ours = new Set(taken.map(({ seq }) => seq))
    const wanted = some
      .filter(({ seq }) => ours.has(seq))
      .flatMap(({ event, seq }) =>
        listeners
          .filter((listener) => matchesFilters(listener, event))
          .map((listener) => ({ id: randomUUID(), listener: listener.id, seq, record: event.recordId })),
      )
    for (const rows of chunks(wanted)) {
      const made = await sql<{ subscription_id: string }>`
        insert into deliveries (id, subscription_id, event_seq, record_id, state, next_at, created_at)
        select v.id, v.listener, v.seq, v.record, 'pending', ${now}, ${now}
        from ${engine.rows(DELIVERY, rows)}
        join events e on e.seq = v.seq
        join subscriptions s on s.id = v.listener and s.created_at <= e.created_at
        where not exists (select 1 from deliveries d where d.event_seq = v.seq and d.subscription_id = v.listener)
        order by v.n returning subscription_id`.execute(trx)
      hearers.push(...made.rows.map(({ subscription_id: id }) => id))
    }
  }
  return hearers
}

/** The sequence numbers of those that nobody has recorded meanwhile, by identity. */
async function insertEvents(
  trx: Transaction<Tables>,
  engine: StoreEngine,
  sourceId: string,
  news: readonly DetectedEvent[],
  now: Date,
): Promise<Map<string, number>> {
  const seqs = new Map<string, number>()
  for (const some of chunks(news)) {
    const values = some.map(({ recordId, happening, identity, twin, origin, asOf, base, payload }) => ({
      id: randomUUID(),
      record_id: recordId,
      happening,
      identity,
      twin,
      origin,
      as_of: asOf,
      base_as_of: base?.asOf,
      base_told_at: base?.toldAt,
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

/** In one order for all who lock several subscriptions, so that nobody waits for somebody who waits for him. */
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
