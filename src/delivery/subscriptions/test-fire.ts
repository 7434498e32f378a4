import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { jsonText } from '../../store/json-text.ts'
import type { Owner } from '../../connections/registry.ts'
import { despiteDeadlocks, writeAudit } from '../../connections/registry-parts.ts'
import { NothingToTest } from '../errors/nothing-to-test.ts'
import { kindOf } from '../events/kinds.ts'
import { tellAll } from '../events/payload.ts'
import { SUBSCRIPTIONS, type DeliveryParts } from '../parts.ts'
import { findLive, type Found } from './find-subscriptions.ts'
import { deliveryOf } from './read-deliveries.ts'
import type { Happening, RecordRow } from '../../catalog/records/record-kind.ts'
import type { DeliveryView } from './subscriptions.ts'

/**
 * Delivers the newest record of the connection, whatever the filters say, on the way that every event goes; 10 tokens. The subscription may end
 * while Pipedrive is asked: then it says so, as it does to those who come later.
 */
export async function fireTest(parts: DeliveryParts, owner: Owner, subscription: Found): Promise<DeliveryView> {
  const { store, clock, accounts, triggers, logger } = parts
  const { id, happening } = subscription
  const kind = kindOf(triggers, subscription.kind)
  const ask = accounts.use(subscription.account_id, `test:${subscription.kind}`, async ({ pipedrive, names }) => {
    const newest: RecordRow | undefined = (await kind.list(pipedrive, { newest: 1 })).rows[0]
    if (!newest) throw new NothingToTest(subscription.kind)
    const [tell] = await tellAll(kind, [{ row: newest, change: undefined }], names, logger)
    return { row: newest, payload: tell!(happening as Happening) }
  })
  const { row, payload } = await ask.catch(async (error: unknown) => {
    await findLive(store.db, owner, id)
    throw error
  })
  const deliveryId = randomUUID()
  const now = new Date(clock.now())
  await despiteDeadlocks(store, async (trx) => {
    await trx.selectFrom('subscriptions').select('id').where('id', '=', id).forNoKeyUpdate().execute()
    await findLive(trx, owner, id)
    const { seq } = await trx
      .insertInto('events')
      .values({
        id: randomUUID(),
        source_id: subscription.source_id,
        record_id: row.id,
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
    // Of no record: one that fails must not hold up what really happens to that record.
    const delivery = { id: deliveryId, subscription_id: id, event_seq: seq, record_id: 0, created_at: now }
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
