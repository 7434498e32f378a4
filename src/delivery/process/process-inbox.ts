import { setTimeout as pause } from 'node:timers/promises'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { loadActiveSubscriptions, subscribedEventTypes } from './active-subscriptions.ts'
import { isPoisonMessage, describeError } from './classify-error.ts'
import { undocumentedTypes } from './classify-event.ts'
import { digestWith } from './digest.ts'
import { inEventOrder, parseInboxEntry, type InboxEntry } from './inbox-entry.ts'
import { processBatch, type InboxBatch, type StuckEntries } from './process-batch.ts'
import { recordKindOf } from './record-kind-of.ts'

/** An InboxResult is the state of an inbox after processing: empty, lost to another process, or with entries whose records Pipedrive fails to return; `tries` counts how often. */
export type InboxResult = { left: 'empty' | 'lost' } | { left: 'stuck'; error: DealbridgeError; tries: number }

/** One transaction, and one list request. */
const BATCH = 100
/** In the column `tries`: the program or the database fails on this row and no other. It stays for the operator to inspect, and blocks no other row. */
export const QUARANTINED = 1_000_000

/**
 * Turns stored webhooks into events and deliveries, oldest first. A row is removed only in the transaction that records its events. What arrives
 * within `gatherMs` joins the batch: a hundred records in one list cost as many tokens as ten single reads. Throws if Pipedrive cannot be called
 * at all; the rows then stay for the next run.
 */
export async function processInbox(deps: DeliveryDeps, source: Source, lease: Lease, gatherMs = 0): Promise<InboxResult> {
  const stuck: StuckEntries = new Map()
  let limit = BATCH
  for (;;) {
    if (!lease.isHeld()) return { left: 'lost' }
    // Also lets pending responses go first: processing uses the same database, and with an embedded one the same thread.
    if (gatherMs > 0) await pause(gatherMs)
    const batch = await loadBatch(deps, source, limit, stuck)
    if (batch.inboxIds.length === 0) break
    try {
      for (const [entry, error] of await processBatch(deps, batch, stuck, lease)) stuck.set(entry, error)
      limit = BATCH
    } catch (error) {
      if (!isPoisonMessage(error)) throw error
      // One row of the batch is at fault: process them one by one to find it.
      if (batch.inboxIds.length === 1) await quarantine(deps, batch.inboxIds[0]!, error)
      limit = 1
    }
  }
  const [first] = stuck
  if (!first) return { left: 'empty' }
  await countTry(deps, [...stuck.keys()])
  return { left: 'stuck', error: first[1], tries: first[0].tries + 1 }
}

async function loadBatch(deps: DeliveryDeps, source: Source, limit: number, stuck: StuckEntries): Promise<InboxBatch> {
  const { store, triggers, options, logger, metrics } = deps
  const rows = await store.db
    .selectFrom('inbox')
    .select(['id', 'body', 'tries'])
    .where('source_id', '=', source.id)
    .where('tries', '<', QUARANTINED)
    .$if(stuck.size > 0, (query) =>
      query.where(
        'id',
        'not in',
        [...stuck.keys()].map(({ inboxId }) => inboxId),
      ),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
  const kind = recordKindOf(triggers, source.kind)
  if (rows.length === 0) return { kind, source, subscriptions: [], entries: [], inboxIds: [] }
  const subscriptions = await loadActiveSubscriptions(store.db, source, options)
  const subscribed = subscribedEventTypes(subscriptions)
  const digest = digestWith(store)
  const entries = rows.flatMap((row) => {
    const entry = parseInboxEntry(kind, source, row, subscribed, digest)
    if (entry) {
      const types = undocumentedTypes(entry.webhook, entry.change)
      if (types) logger.warn({ source: source.id, inbox: row.id, types }, 'webhook with values of undocumented types; they count as empty')
      return [entry]
    }
    metrics.webhook('unreadable')
    logger.warn({ source: source.id, inbox: row.id }, 'unreadable webhook dropped')
    return []
  })
  return { kind, source, subscriptions, entries: inEventOrder(entries), inboxIds: rows.map(({ id }) => id) }
}

async function countTry({ store }: DeliveryDeps, entries: readonly InboxEntry[]): Promise<void> {
  await store.db
    .updateTable('inbox')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where(
      'id',
      'in',
      entries.map(({ inboxId }) => inboxId),
    )
    .execute()
}

async function quarantine({ store, logger, metrics }: DeliveryDeps, inboxId: number, error: unknown): Promise<void> {
  metrics.webhook('set-aside')
  logger.error({ inbox: inboxId, trouble: describeError(error) }, 'webhook quarantined; its row stays in the table inbox')
  await store.db.updateTable('inbox').set({ tries: QUARANTINED }).where('id', '=', inboxId).execute()
}
