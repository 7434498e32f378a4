import { setTimeout as pause } from 'node:timers/promises'
import type { RecordKind } from '../../catalog/records/record-kind.ts'
import type { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { OpenAccount } from '../accounts.ts'
import type { Lease } from '../../store/leases.ts'
import { SUBSCRIPTIONS, type DeliveryParts, type Source } from '../parts.ts'
import { digestWith } from './digest.ts'
import { loadFingerprints, saveFingerprints } from './fingerprints.ts'
import { kindOf } from './kinds.ts'
import { happeningsOf, loadListeners, type Listener } from './listeners.ts'
import { readRecords, type Reading } from './read-records.ts'
import { recordEvents } from './record-events.ts'
import { eventsOf, fingerprintsAfter, inOrder, needsFingerprints, openLetter, planReading, type Letter, type Plan } from './sort-batch.ts'
import { isOwnFault, troubleOf } from './trouble.ts'

/** How an inbox was left: empty, taken over by another process, or with rows that Pipedrive chokes on, and how often it has. */
export type Sorted = { left: 'empty' | 'lost' } | { left: 'stuck'; error: DealbridgeError; tries: number }

/** One transaction, and one list of Pipedrive's. */
const BATCH = 100
/** So often a record is asked for before its event is told from the webhook alone. */
const TRIES_MAX = 5
/** In the column `tries`: the program or the database chokes on this row and no other. It stays, for people to look at, and stops nobody. */
export const SET_ASIDE = 1_000_000

const NOTHING_READ: Reading = { rows: new Map(), failed: new Map() }

interface Batch {
  kind: RecordKind
  source: Source
  listeners: readonly Listener[]
  letters: readonly Letter[]
  /** Everything that leaves the inbox with it, also what nobody can read. */
  inboxIds: readonly number[]
}

/** Letters that have to wait because Pipedrive chokes on their records, and why. */
type Stuck = Map<Letter, DealbridgeError>

/**
 * Turns webhooks that lie in the inbox into events and deliveries, oldest first. Nothing leaves the inbox but in the transaction that records
 * what it says. What comes within `gatherMs` goes into the same batch: a hundred records in one list cost what ten do one by one. Throws when Pipedrive cannot be asked at all; then the rows stay until it can.
 */
export async function sortInbox(parts: DeliveryParts, source: Source, lease: Lease, gatherMs = 0): Promise<Sorted> {
  const stuck: Stuck = new Map()
  let limit = BATCH
  for (;;) {
    if (!lease.isHeld()) return { left: 'lost' }
    // Also gives way to the answers: sorting takes the same database, and with an embedded one the same thread.
    if (gatherMs > 0) await pause(gatherMs)
    const batch = await take(parts, source, limit, stuck)
    if (batch.inboxIds.length === 0) break
    try {
      for (const [letter, error] of await sortBatch(parts, batch, stuck, lease)) stuck.set(letter, error)
      limit = BATCH
    } catch (error) {
      if (!isOwnFault(error)) throw error
      // Something in it cannot be worked with: one by one, to see what.
      if (batch.inboxIds.length === 1) await setAside(parts, batch.inboxIds[0]!, error)
      limit = 1
    }
  }
  const [first] = stuck
  if (!first) return { left: 'empty' }
  await countTry(parts, [...stuck.keys()])
  return { left: 'stuck', error: first[1], tries: first[0].tries + 1 }
}

async function take(parts: DeliveryParts, source: Source, limit: number, stuck: Stuck): Promise<Batch> {
  const { store, triggers, options, logger, metrics } = parts
  const rows = await store.db
    .selectFrom('inbox')
    .select(['id', 'body', 'tries'])
    .where('source_id', '=', source.id)
    .where('tries', '<', SET_ASIDE)
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
  const listeners = await loadListeners(store.db, source, options)
  const wanted = happeningsOf(listeners)
  const digest = digestWith(store)
  const letters = rows.flatMap((row) => {
    const letter = openLetter(kind, source, row, wanted, digest)
    if (letter) return [letter]
    metrics.webhook('unreadable')
    logger.warn({ source: source.id, inbox: row.id }, 'a webhook cannot be read, and tells nothing')
    return []
  })
  return { kind, source, listeners, letters: inOrder(letters), inboxIds: rows.map(({ id }) => id) }
}

/** Answers the letters that must wait; all others are done. */
async function sortBatch(parts: DeliveryParts, batch: Batch, before: Stuck, lease: Lease): Promise<Stuck> {
  const { kind, source, letters, listeners } = batch
  // Later letters of a record wait behind its earlier ones.
  const behind = new Map([...before].map(([{ event }, error]) => [event.recordId, error]))
  const plan = await planReading(
    parts,
    source,
    letters.filter(({ event }) => !behind.has(event.recordId)),
    listeners,
  )
  if (plan.heard.size === 0) {
    const stuck = stuckOf(letters, behind)
    await commit(parts, without(batch, stuck), plan, NOTHING_READ, undefined, lease)
    return stuck
  }
  return parts.accounts.use(source.account_id, `events:${source.kind}`, async (account) => {
    const reading = plan.ids.length === 0 ? NOTHING_READ : await readRecords(kind, account.pipedrive, plan.ids)
    const given = await givenUp(account, letters, reading)
    const stuck = stuckOf(letters, new Map([...behind, ...[...reading.failed].filter(([id]) => !given.has(id))]))
    await commit(parts, without(batch, stuck), plan, reading, account, lease)
    return stuck
  })
}

const stuckOf = (letters: readonly Letter[], records: ReadonlyMap<number, DealbridgeError>): Stuck =>
  new Map(letters.flatMap((letter) => (records.has(letter.event.recordId) ? [[letter, records.get(letter.event.recordId)!]] : [])))

function without(batch: Batch, stuck: Stuck): Batch {
  const ids = new Set([...stuck.keys()].map(({ inboxId }) => inboxId))
  return { ...batch, letters: batch.letters.filter((letter) => !stuck.has(letter)), inboxIds: batch.inboxIds.filter((id) => !ids.has(id)) }
}

/** Records that were asked for often enough: their events are told without them, provided that Pipedrive answers something else. */
async function givenUp({ pipedrive }: OpenAccount, letters: readonly Letter[], { rows, failed }: Reading): Promise<Set<number>> {
  const given = new Set(
    letters.filter(({ event, tries }) => tries >= TRIES_MAX && failed.has(event.recordId)).map(({ event }) => event.recordId),
  )
  if (given.size > 0 && rows.size === 0) await pipedrive.users.me()
  return given
}

async function commit(
  parts: DeliveryParts,
  { kind, source, listeners, letters, inboxIds }: Batch,
  { heard }: Plan,
  reading: Reading,
  account: OpenAccount | undefined,
  lease: Lease,
): Promise<void> {
  const { store } = parts
  const events = await eventsOf(parts, kind, letters, heard, reading, account)
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
    const deliveries = await recordEvents(trx, parts, source, found)
    if (needsFingerprints(listeners)) {
      const told = letters.filter(({ inboxId }) => ours.has(inboxId))
      const ids = told.map(({ event }) => event.recordId)
      const known = await loadFingerprints(trx, source.id, ids)
      await saveFingerprints(trx, source.id, fingerprintsAfter(kind, told, known, reading, digestWith(store)))
    }
    return deliveries
  })
  if (made > 0) store.signal(SUBSCRIPTIONS)
}

async function countTry({ store }: DeliveryParts, letters: readonly Letter[]): Promise<void> {
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

async function setAside({ store, logger, metrics }: DeliveryParts, inboxId: number, error: unknown): Promise<void> {
  metrics.webhook('set-aside')
  logger.error(
    { inbox: inboxId, trouble: troubleOf(error) },
    'a webhook cannot be recorded; it stays in the table inbox, and the next ones go on',
  )
  await store.db.updateTable('inbox').set({ tries: SET_ASIDE }).where('id', '=', inboxId).execute()
}
