import { setTimeout as pause } from 'node:timers/promises'
import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { OpenAccount } from '../accounts.ts'
import type { Lease } from '../../store/leases.ts'
import { SUBSCRIPTIONS, type DeliveryDeps, type Source } from '../deps.ts'
import { digestWith } from './digest.ts'
import { loadSnapshots, saveSnapshots } from './snapshot-store.ts'
import { kindOf } from './record-kinds.ts'
import { eventTypesOf, loadActiveSubscriptions, type ActiveSubscription } from './active-subscriptions.ts'
import { readRecords, type RecordReadResult } from './read-records.ts'
import { recordEvents } from './record-events.ts'
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
import { isPoisonMessage, describeError } from './classify-error.ts'

/** How an inbox was left: empty, taken over by another process, or with rows that Pipedrive chokes on, and how often it has. */
export type InboxResult = { left: 'empty' | 'lost' } | { left: 'stuck'; error: DealbridgeError; tries: number }

/** One transaction, and one list of Pipedrive's. */
const BATCH = 100
/** So often a record is asked for before its event is told from the webhook alone. */
const TRIES_MAX = 5
/** In the column `tries`: the program or the database chokes on this row and no other. It stays, for people to look at, and stops nobody. */
export const QUARANTINED = 1_000_000

const NOTHING_READ: RecordReadResult = { rows: new Map(), failed: new Map() }

interface InboxBatch {
  kind: RecordKind
  source: Source
  listeners: readonly ActiveSubscription[]
  letters: readonly InboxEntry[]
  /** Everything that leaves the inbox with it, also what nobody can read. */
  inboxIds: readonly number[]
}

/** Letters that have to wait because Pipedrive chokes on their records, and why. */
type StuckEntries = Map<InboxEntry, DealbridgeError>

/**
 * Turns webhooks that lie in the inbox into events and deliveries, oldest first. Nothing leaves the inbox but in the transaction that records
 * what it says. What comes within `gatherMs` goes into the same batch: a hundred records in one list cost what ten do one by one. Throws when Pipedrive cannot be asked at all; then the rows stay until it can.
 */
export async function processInbox(deps: DeliveryDeps, source: Source, lease: Lease, gatherMs = 0): Promise<InboxResult> {
  const stuck: StuckEntries = new Map()
  let limit = BATCH
  for (;;) {
    if (!lease.isHeld()) return { left: 'lost' }
    // Also gives way to the answers: sorting takes the same database, and with an embedded one the same thread.
    if (gatherMs > 0) await pause(gatherMs)
    const batch = await take(deps, source, limit, stuck)
    if (batch.inboxIds.length === 0) break
    try {
      for (const [letter, error] of await sortBatch(deps, batch, stuck, lease)) stuck.set(letter, error)
      limit = BATCH
    } catch (error) {
      if (!isPoisonMessage(error)) throw error
      // Something in it cannot be worked with: one by one, to see what.
      if (batch.inboxIds.length === 1) await setAside(deps, batch.inboxIds[0]!, error)
      limit = 1
    }
  }
  const [first] = stuck
  if (!first) return { left: 'empty' }
  await countTry(deps, [...stuck.keys()])
  return { left: 'stuck', error: first[1], tries: first[0].tries + 1 }
}

async function take(deps: DeliveryDeps, source: Source, limit: number, stuck: StuckEntries): Promise<InboxBatch> {
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
  const kind = kindOf(triggers, source.kind)
  if (rows.length === 0) return { kind, source, listeners: [], letters: [], inboxIds: [] }
  const listeners = await loadActiveSubscriptions(store.db, source, options)
  const wanted = eventTypesOf(listeners)
  const digest = digestWith(store)
  const letters = rows.flatMap((row) => {
    const letter = parseInboxEntry(kind, source, row, wanted, digest)
    if (letter) return [letter]
    metrics.webhook('unreadable')
    logger.warn({ source: source.id, inbox: row.id }, 'a webhook cannot be read, and tells nothing')
    return []
  })
  return { kind, source, listeners, letters: inEventOrder(letters), inboxIds: rows.map(({ id }) => id) }
}

/** Answers the letters that must wait; all others are done. */
async function sortBatch(deps: DeliveryDeps, batch: InboxBatch, before: StuckEntries, lease: Lease): Promise<StuckEntries> {
  const { kind, source, letters, listeners } = batch
  // Later letters of a record wait behind its earlier ones.
  const behind = new Map([...before].map(([{ event }, error]) => [event.recordId, error]))
  const plan = await planReads(
    deps,
    source,
    letters.filter(({ event }) => !behind.has(event.recordId)),
    listeners,
  )
  if (plan.heard.size === 0) {
    const stuck = stuckOf(letters, behind)
    await commit(deps, without(batch, stuck), plan, NOTHING_READ, undefined, lease)
    return stuck
  }
  return deps.accounts.use(source.account_id, `events:${source.kind}`, async (account) => {
    const reading = plan.ids.length === 0 ? NOTHING_READ : await readRecords(kind, account.pipedrive, plan.ids)
    const given = await givenUp(account, letters, reading)
    const stuck = stuckOf(letters, new Map([...behind, ...[...reading.failed].filter(([id]) => !given.has(id))]))
    await commit(deps, without(batch, stuck), plan, reading, account, lease)
    return stuck
  })
}

const stuckOf = (letters: readonly InboxEntry[], records: ReadonlyMap<number, DealbridgeError>): StuckEntries =>
  new Map(letters.flatMap((letter) => (records.has(letter.event.recordId) ? [[letter, records.get(letter.event.recordId)!]] : [])))

function without(batch: InboxBatch, stuck: StuckEntries): InboxBatch {
  const ids = new Set([...stuck.keys()].map(({ inboxId }) => inboxId))
  return { ...batch, letters: batch.letters.filter((letter) => !stuck.has(letter)), inboxIds: batch.inboxIds.filter((id) => !ids.has(id)) }
}

/** Records that were asked for often enough: their events are told without them, provided that Pipedrive answers something else. */
async function givenUp(
  { pipedrive }: OpenAccount,
  letters: readonly InboxEntry[],
  { rows, failed }: RecordReadResult,
): Promise<Set<number>> {
  const given = new Set(
    letters.filter(({ event, tries }) => tries >= TRIES_MAX && failed.has(event.recordId)).map(({ event }) => event.recordId),
  )
  if (given.size > 0 && rows.size === 0) await pipedrive.users.me()
  return given
}

async function commit(
  deps: DeliveryDeps,
  { kind, source, listeners, letters, inboxIds }: InboxBatch,
  { heard }: ReadPlan,
  reading: RecordReadResult,
  account: OpenAccount | undefined,
  lease: Lease,
): Promise<void> {
  const { store } = deps
  const events = await buildEvents(deps, kind, letters, heard, reading, account)
  if (!lease.isHeld() || inboxIds.length === 0) return
  const made = await store.transaction(async (trx) => {
    const taken = await trx
      .deleteFrom('inbox')
      .where('id', 'in', [...inboxIds])
      .returning('id')
      .execute()
    // What another process has taken meanwhile is told by it.
    const ours = new Set(taken.map(({ id }) => id))
    const found = events.filter(({ letter }) => ours.has(letter.inboxId)).map(({ event }) => event)
    const deliveries = await recordEvents(trx, deps, source, found)
    if (needsSnapshots(listeners)) {
      const told = letters.filter(({ inboxId }) => ours.has(inboxId))
      const ids = told.map(({ event }) => event.recordId)
      const known = await loadSnapshots(trx, source.id, ids)
      await saveSnapshots(trx, source.id, snapshotsAfter(kind, told, known, reading, digestWith(store)))
    }
    return deliveries
  })
  if (made > 0) store.signal(SUBSCRIPTIONS)
}

async function countTry({ store }: DeliveryDeps, letters: readonly InboxEntry[]): Promise<void> {
  await store.db
    .updateTable('inbox')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where(
      'id',
      'in',
      letters.map(({ inboxId }) => inboxId),
    )
    .execute()
}

async function setAside({ store, logger, metrics }: DeliveryDeps, inboxId: number, error: unknown): Promise<void> {
  metrics.webhook('set-aside')
  logger.error(
    { inbox: inboxId, trouble: describeError(error) },
    'a webhook cannot be recorded; it stays in the table inbox, and the next ones go on',
  )
  await store.db.updateTable('inbox').set({ tries: QUARANTINED }).where('id', '=', inboxId).execute()
}
