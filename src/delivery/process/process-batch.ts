import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Lease } from '../../store/leases.ts'
import type { OpenAccount } from '../accounts.ts'
import { SUBSCRIPTIONS, type DeliveryDeps, type Source } from '../deps.ts'
import type { ActiveSubscription } from './active-subscriptions.ts'
import { isChange } from './baselines.ts'
import { buildEvents } from './build-events.ts'
import { digestWith, type Digest } from './digest.ts'
import type { InboxEntry } from './inbox-entry.ts'
import { planReads, type ReadPlan } from './plan-reads.ts'
import { readRecords, type RecordReadResult } from './read-records.ts'
import { recordEvents } from './record-events.ts'
import { contentHash, snapshotAfter, stateTime, type RecordSnapshot } from './record-snapshot.ts'
import { loadSnapshots, saveSnapshots } from './snapshot-store.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** An InboxBatch is rows of one source's inbox that are processed together. */
export interface InboxBatch {
  kind: RecordKind
  source: Source
  subscriptions: readonly ActiveSubscription[]
  entries: readonly InboxEntry[]
  /** All rows that are removed with it, the unreadable ones too. */
  inboxIds: readonly number[]
}

/** StuckEntries are the entries that wait because Pipedrive fails on their records, each with its error. */
export type StuckEntries = Map<InboxEntry, DealbridgeError>

/** How often a record is read before its event is built from the webhook alone. */
const TRIES_MAX = 5

const NOTHING_READ: RecordReadResult = { rows: new Map(), failed: new Map() }

/** Reads the records that the batch needs, and commits its events. Returns the entries that must wait; all others are done. */
export async function processBatch(deps: DeliveryDeps, batch: InboxBatch, before: StuckEntries, lease: Lease): Promise<StuckEntries> {
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

const stuckOf = (entries: readonly InboxEntry[], errors: ReadonlyMap<RecordId, DealbridgeError>): StuckEntries =>
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
): Promise<Set<RecordId>> {
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

/** The snapshots that these entries change. */
function snapshotsAfter(
  kind: RecordKind,
  entries: readonly InboxEntry[],
  known: ReadonlyMap<RecordId, RecordSnapshot>,
  reading: RecordReadResult,
  digest: Digest,
): RecordSnapshot[] {
  const after = new Map<RecordId, RecordSnapshot>()
  for (const { webhook, change } of entries) {
    if (webhook.action === 'delete') continue
    const before = after.get(webhook.recordId) ?? known.get(webhook.recordId)
    const read = reading.rows.get(webhook.recordId)
    const hash = read && stateTime(read) >= webhook.stateAt ? contentHash(kind, read, digest) : null
    const next = snapshotAfter(before, webhook, change, hash)
    if (next !== before) after.set(webhook.recordId, next)
  }
  return [...after.values()]
}

/** Whether snapshots must be kept: reconciliation compares states only to find changes. */
const needsSnapshots = (subscriptions: readonly ActiveSubscription[]): boolean => subscriptions.some(({ eventType }) => isChange(eventType))
