import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { jsonText } from '../../store/json-text.ts'
import type { Owner } from '../../connections/registry.ts'
import { retryOnDeadlock, writeAudit } from '../../connections/registry-deps.ts'
import { NothingToTest } from '../errors/nothing-to-test.ts'
import { recordKindOf } from '../process/record-kind-of.ts'
import { buildPayloads } from '../process/payload.ts'
import { SUBSCRIPTIONS, type DeliveryDeps } from '../deps.ts'
import { findActiveSubscription, type SubscriptionRecord } from './find-subscriptions.ts'
import { deliveryOf } from './read-deliveries.ts'
import type { EventType, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { DeliveryView } from './subscriptions.ts'

/**
 * Delivers the newest record of the connection, regardless of the filters, like any event; costs 10 tokens. Throws SubscriptionEnded if the
 * subscription ends during the call to Pipedrive.
 */
export async function sendTest(deps: DeliveryDeps, owner: Owner, subscription: SubscriptionRecord): Promise<DeliveryView> {
  const { store, clock, accounts, triggers, logger } = deps
  const { id, happening } = subscription
  const kind = recordKindOf(triggers, subscription.kind)
  const newestRecord = accounts.use(subscription.account_id, `test:${subscription.kind}`, async ({ pipedrive, referenceData }) => {
    const newest: TriggerRow | undefined = (await kind.list(pipedrive, { newest: 1 })).rows[0]
    if (!newest) throw new NothingToTest(subscription.kind)
    const [payloadOf] = await buildPayloads(kind, [{ row: newest, transition: undefined }], referenceData, logger)
    return { row: newest, payload: payloadOf!(happening as EventType) }
  })
  const { row, payload } = await newestRecord.catch(async (error: unknown) => {
    await findActiveSubscription(store.db, owner, id)
    throw error
  })
  const deliveryId = randomUUID()
  const now = new Date(clock.now())
  await retryOnDeadlock(store, async (trx) => {
    await trx.selectFrom('subscriptions').select('id').where('id', '=', id).forNoKeyUpdate().execute()
    await findActiveSubscription(trx, owner, id)
    const { seq } = await trx
      .insertInto('events')
      .values({
        id: randomUUID(),
        source_id: subscription.source_id,
        record_id: String(row.id),
        happening,
        identity: `${subscription.source_id}:test:${deliveryId}`,
        twin: null,
        origin: 'test',
        as_of: null,
        payload: jsonText(payload),
        created_at: now,
      })
      .returning('seq')
      .executeTakeFirstOrThrow()
    // Record 0: a failed test must not block the real events of the record.
    const delivery = { id: deliveryId, subscription_id: id, event_seq: seq, record_id: '0', created_at: now }
    await trx
      .insertInto('deliveries')
      .values({ ...delivery, state: 'pending', next_at: now, last_status: null, last_reason: null, ended_at: null })
      .execute()
    await trx
      .updateTable('subscriptions')
      .set({ due_at: sql<Date>`least(due_at, ${now})` })
      .where('id', '=', id)
      .execute()
    await writeAudit(trx, clock, owner, { action: 'subscription.test', subject: id, details: { delivery: deliveryId, record: row.id } })
  })
  store.signal(SUBSCRIPTIONS)
  return deliveryOf(store.db, id, deliveryId)
}
