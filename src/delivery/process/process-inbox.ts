import { setTimeout as pause } from 'node:timers/promises'
import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Lease } from '../../store/leases.ts'
import type { OpenAccount } from '../accounts.ts'
import { SUBSCRIPTIONS, type DeliveryDeps, type Source } from '../deps.ts'
import { loadActiveSubscriptions, subscribedEventTypes, type ActiveSubscription } from './active-subscriptions.ts'
import { isPoisonMessage, describeError } from './classify-error.ts'
import { digestWith } from './digest.ts'
import {
  buildEvents,
  snapshotsAfter,
  inEventOrder,
  needsSnapshots,
  parseInboxEntry,
  planReads,
  type InboxEntry,
  type ReadPlan,
} from './process-batch.ts'
import { readRecords, type RecordReadResult } from './read-records.ts'
import { recordEvents } from './record-events.ts'
import { recordKindOf } from './record-kind-of.ts'
import { loadSnapshots, saveSnapshots } from './snapshot-store.ts'

/** An InboxResult is the state of an inbox after processing: empty, lost to another process, or with entries whose records Pipedrive fails to return; `tries` counts how often. */
export type InboxResult = { left: 'empty' | 'lost' } | { left: 'stuck'; error: DealbridgeError; tries: number }

/** One transaction, and one list request. */
const BATCH = 100
/** How often a record is read before its event is built from the webhook alone. */
const TRIES_MAX = 5
/** In the column `tries`: the program or the database fails on this row and no other. It stays for the operator to inspect, and blocks no other row. */
export const QUARANTINED = 1_000_000

const NOTHING_READ: RecordReadResult = { rows: new Map(), failed: new Map() }

interface InboxBatch {
  kind: RecordKind
  source: Source
  subscriptions: readonly ActiveSubscription[]
  entries: readonly InboxEntry[]
  /** All rows that are removed with it, the unreadable ones too. */
  inboxIds: readonly number[]
}

/** Entries that wait because Pipedrive fails on their records, and the error. */
type StuckEntries = Map<InboxEntry, DealbridgeError>

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
    if (entry) return [entry]
    metrics.webhook('unreadable')
    logger.warn({ source: source.id, inbox: row.id }, 'unreadable webhook dropped')
    return []
  })
  return { kind, source, subscriptions, entries: inEventOrder(entries), inboxIds: rows.map(({ id }) => id) }
}

/** Returns the entries that must wait; all others are done. */
async function processBatch(deps: DeliveryDeps, batch: InboxBatch, before: StuckEntries, lease: Lease): Promise<StuckEntries> {
  const { kind, source, entries, subscriptions } = batch
  // Later entries of a record wait behind its earlier ones.
  const blocked = new Map([...before].map(([{ webhook }, error]) => [webhook.recordId, error]))
  const plan = await planReads(
    deps,
    source,
    entries.filter(({ webhook }) => !blocked.has(webhook.recordId)),
    subscriptions,
  )
  if (plan.matched.size === 0) {
    const stuck = stuckOf(entries, blocked)
    await commit(deps, without(batch, stuck), plan, NOTHING_READ, undefined, lease)
    return stuck
  }
  return deps.accounts.use(source.account_id, `events:${source.kind}`, async (account) => {
    const reading = plan.recordIds.length === 0 ? NOTHING_READ : await readRecords(kind, account.pipedrive, plan.recordIds)
    const exhausted = await exhaustedRecords(account, entries, reading)
    const stuck = stuckOf(entries, new Map([...blocked, ...[...reading.failed].filter(([id]) => !exhausted.has(id))]))
    await commit(deps, without(batch, stuck), plan, reading, account, lease)
    return stuck
  })
}

const stuckOf = (entries: readonly InboxEntry[], errors: ReadonlyMap<number, DealbridgeError>): StuckEntries =>
  new Map(
    entries.flatMap((entry) => {
      const error = errors.get(entry.webhook.recordId)
      return error ? [[entry, error]] : []
    }),
  )

function without(batch: InboxBatch, stuck: StuckEntries): InboxBatch {
  const ids = new Set([...stuck.keys()].map(({ inboxId }) => inboxId))
  return { ...batch, entries: batch.entries.filter((entry) => !stuck.has(entry)), inboxIds: batch.inboxIds.filter((id) => !ids.has(id)) }
}

/** Records that failed TRIES_MAX times: their events are built without them. Throws if Pipedrive answers no other request either. */
async function exhaustedRecords(
  { pipedrive }: OpenAccount,
  entries: readonly InboxEntry[],
  { rows, failed }: RecordReadResult,
): Promise<Set<number>> {
  const exhausted = entries.filter(({ webhook, tries }) => tries >= TRIES_MAX && failed.has(webhook.recordId))
  if (exhausted.length > 0 && rows.size === 0) await pipedrive.users.me()
  return new Set(exhausted.map(({ webhook }) => webhook.recordId))
}

async function commit(
  deps: DeliveryDeps,
  { kind, source, subscriptions, entries, inboxIds }: InboxBatch,
  { matched }: ReadPlan,
  reading: RecordReadResult,
  account: OpenAccount | undefined,
  lease: Lease,
): Promise<void> {
  const { store } = deps
  const events = await buildEvents(deps, kind, entries, matched, reading, account)
  if (!lease.isHeld() || inboxIds.length === 0) return
  const deliveries = await store.transaction(async (trx) => {
    const rows = await trx
      .deleteFrom('inbox')
      .where('id', 'in', [...inboxIds])
      .returning('id')
      .execute()
    // Another process may have removed some meanwhile; it records their events.
    const removed = new Set(rows.map(({ id }) => id))
    const detected = events.filter(({ entry }) => removed.has(entry.inboxId)).map(({ event }) => event)
    const made = await recordEvents(trx, deps, source, detected)
    if (needsSnapshots(subscriptions)) {
      const processed = entries.filter(({ inboxId }) => removed.has(inboxId))
      const recordIds = processed.map(({ webhook }) => webhook.recordId)
      const known = await loadSnapshots(trx, source.id, recordIds)
      await saveSnapshots(trx, source.id, snapshotsAfter(kind, processed, known, reading, digestWith(store)))
    }
    return made
  })
  if (deliveries > 0) store.signal(SUBSCRIPTIONS)
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
