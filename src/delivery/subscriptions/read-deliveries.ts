import type { Kysely } from 'kysely'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { Owner } from '../../connections/registry.ts'
import type { DeliveryRow, Tables } from '../../store/tables.ts'
import { findSubscription, pageSize, toSubscriptionView } from './find-subscriptions.ts'
import type { AttemptView, DeliveryDetail, DeliveryView, PageRequest, SubscriptionDetail } from './subscriptions.ts'
import { recordIdOf } from '../../kit/record-id.ts'

const LAST_ATTEMPTS = 10

/** A subscription with its delivery counts and last attempts. */
export async function describeSubscription(db: Kysely<Tables>, owner: Owner, id: string): Promise<SubscriptionDetail> {
  const found = await findSubscription(db, owner, id)
  const counts = await db
    .selectFrom('deliveries')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.min<Date | number | null>('created_at').as('oldest')])
    .where('subscription_id', '=', id)
    .groupBy('state')
    .execute()
  const countOf = (state: DeliveryRow['state']) => counts.find((row) => row.state === state)
  const attempts = await db
    .selectFrom('delivery_attempts as t')
    .innerJoin('deliveries as d', 'd.id', 't.delivery_id')
    .select(['t.delivery_id', 't.attempt', 't.at', 't.status', 't.reason', 't.ms'])
    .where('d.subscription_id', '=', id)
    .orderBy('t.at', 'desc')
    .limit(LAST_ATTEMPTS)
    .execute()
  return {
    ...toSubscriptionView(found),
    pending: countOf('pending')?.count ?? 0,
    delivered: countOf('delivered')?.count ?? 0,
    dead: countOf('dead')?.count ?? 0,
    oldestPendingAt: timeText(countOf('pending')?.oldest ?? null),
    lastAttempts: attempts.map(({ delivery_id: delivery, ...attempt }) => ({ delivery, ...attemptView(attempt) })),
    sourceTrouble: found.trouble,
    lastWebhookAt: found.last_webhook_at?.toISOString() ?? null,
  }
}

/** The embedded database returns an expression as a number. */
const timeText = (time: Date | number | null): string | null => (time === null ? null : new Date(time).toISOString())

const deliveriesOf = (db: Kysely<Tables>, id: string) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.seq', 'd.event_seq')
    .select([
      'd.seq',
      'd.id',
      'e.record_id',
      'e.happening',
      'e.origin',
      'd.state',
      'd.attempts',
      'd.next_at',
      'd.last_status',
      'd.last_reason',
      'd.created_at',
      'd.ended_at',
    ])
    .where('d.subscription_id', '=', id)

type DeliveryRecord = Awaited<ReturnType<ReturnType<typeof deliveriesOf>['execute']>>[number]

export async function listDeliveries(
  db: Kysely<Tables>,
  owner: Owner,
  id: string,
  { state, after, limit }: PageRequest<DeliveryRow['state']>,
): Promise<DeliveryView[]> {
  await findSubscription(db, owner, id)
  const last = after === undefined ? undefined : await findDelivery(db, id, after)
  const rows = await deliveriesOf(db, id)
    .$if(state !== undefined, (query) => query.where('d.state', '=', state!))
    .$if(last !== undefined, (query) => query.where('d.seq', '<', last!.seq))
    .orderBy('d.seq', 'desc')
    .limit(pageSize(limit))
    .execute()
  return rows.map(deliveryView)
}

/** Throws NotFoundHere for an unknown delivery; does not check the subscription. */
export async function deliveryOf(db: Kysely<Tables>, id: string, deliveryId: string): Promise<DeliveryView> {
  return deliveryView(await findDelivery(db, id, deliveryId))
}

async function findDelivery(db: Kysely<Tables>, id: string, deliveryId: string): Promise<DeliveryRecord> {
  const found = await deliveriesOf(db, id).where('d.id', '=', deliveryId).executeTakeFirst()
  if (!found) throw new NotFoundHere('delivery', deliveryId, `/api/subscriptions/${id}/deliveries`)
  return found
}

export async function describeDelivery(db: Kysely<Tables>, owner: Owner, id: string, deliveryId: string): Promise<DeliveryDetail> {
  await findSubscription(db, owner, id)
  const found = await findDelivery(db, id, deliveryId)
  const { payload } = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.seq', 'd.event_seq')
    .select('e.payload')
    .where('d.id', '=', deliveryId)
    .executeTakeFirstOrThrow()
  const attempts = await db.selectFrom('delivery_attempts').selectAll().where('delivery_id', '=', deliveryId).orderBy('attempt').execute()
  return { ...deliveryView(found), attemptList: attempts.map(attemptView), payload }
}

const attemptView = (row: { attempt: number; at: Date; status: number | null; reason: string | null; ms: number }): AttemptView => ({
  attempt: row.attempt,
  at: row.at.toISOString(),
  status: row.status,
  reason: row.reason,
  ms: row.ms,
})

const deliveryView = (row: DeliveryRecord): DeliveryView => ({
  id: row.id,
  recordId: recordIdOf(row.record_id),
  happening: row.happening,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.state === 'pending' ? row.next_at.toISOString() : null,
  lastStatus: row.last_status,
  lastReason: row.last_reason,
  test: row.origin === 'test',
  createdAt: row.created_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
})
