import { sql } from 'kysely'
import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { snapshotOfRow, stateTime } from '../process/record-snapshot.ts'
import { loadSnapshots, saveSnapshots } from '../process/snapshot-store.ts'
import { subscribedEventTypes, loadActiveSubscriptions } from '../process/active-subscriptions.ts'
import type { Lease } from '../../store/leases.ts'
import { decideReconcile } from './decide-reconcile.ts'
import { earlier, OVERLAP_MS, pipedriveNow, secondsText, SETTLE_MS } from './pipedrive-now.ts'
import { recordFindings, type ReconcileFinding, type ReconcileContext } from './record-findings.ts'

/** One transaction. */
const BATCH = 100

/** A ChangeScanResult is the outcome of comparing the list of changed records. */
export interface ChangeScanResult {
  /** The times of the events that no webhook had reported. */
  times: Date[]
  /** Some records changed a moment ago, and are compared when their second is settled. */
  unsettled: boolean
}

/** Compares the records changed since the last comparison with their snapshots. */
export async function findChanged(context: ReconcileContext, lease: Lease): Promise<ChangeScanResult> {
  const { source, kind, deps, account, digest } = context
  const times: Date[] = []
  if (!source.changed_since) {
    await initChangeCursor(context)
    return { times, unsettled: false }
  }
  const since = source.changed_since
  let compared = since
  let unsettled = false
  for await (const page of pagesOf(context, { changedSince: secondsText(since) })) {
    // Loaded after the page: a subscription made before a change in it receives that change.
    const subscriptions = await loadActiveSubscriptions(deps.store.db, source, deps.options)
    const subscribed = subscribedEventTypes(subscriptions)
    const settled = earlier(pipedriveNow(account, deps.clock), SETTLE_MS)
    const rows = page.filter((row) => stateTime(row) < settled)
    unsettled ||= rows.length < page.length
    for (let at = 0; at < rows.length; at += BATCH) {
      const some = rows.slice(at, at + BATCH)
      const known = await loadSnapshots(
        deps.store.db,
        source.id,
        some.map(({ id }) => id),
      )
      const comparisons = some.map((row) => ({
        row,
        known: known.get(row.id),
        ...decideReconcile(kind, row, known.get(row.id), since, digest),
      }))
      if (!lease.isHeld()) return { times, unsettled }
      const last = earlier(stateTime(some.at(-1)!), OVERLAP_MS)
      if (last > compared) compared = last
      const findings: ReconcileFinding[] = comparisons.map(({ row, known, eventTypes }) => ({
        row,
        known,
        eventTypes: eventTypes.filter((eventType) => subscribed.has(eventType)),
      }))
      times.push(
        ...(await recordFindings({ ...context, subscriptions }, findings, async (trx) => {
          await saveSnapshots(
            trx,
            source.id,
            comparisons.flatMap(({ snapshot }) => (snapshot ? [snapshot] : [])),
          )
          await trx.updateTable('sources').set({ changed_since: compared }).where('id', '=', source.id).execute()
        })),
      )
    }
  }
  return { times, unsettled }
}

/** Finds deleted records. A record is deleted once, even if it is restored later. */
export async function findDeleted(context: ReconcileContext, lease: Lease): Promise<Date[]> {
  const { source, kind, deps, digest } = context
  const times: Date[] = []
  if (!source.deleted_since) {
    await initDeletionCursor(context)
    return times
  }
  let compared = source.deleted_since
  for await (const page of pagesOf(context, { deletedSince: secondsText(source.deleted_since) })) {
    for (let at = 0; at < page.length; at += BATCH) {
      const some = page.slice(at, at + BATCH)
      const known = await loadSnapshots(
        deps.store.db,
        source.id,
        some.map(({ id }) => id),
      )
      const deleted = some.filter((row) => kind.when.deleted?.(row) && !wasDeleted(known.get(row.id)))
      if (!lease.isHeld()) return times
      const last = earlier(stateTime(some.at(-1)!), OVERLAP_MS)
      if (last > compared) compared = last
      const findings = deleted.map((row) => ({ row, known: known.get(row.id), eventTypes: ['deleted' as const] }))
      times.push(
        ...(await recordFindings(context, findings, async (trx) => {
          await saveSnapshots(
            trx,
            source.id,
            deleted.map((row) => snapshotOfRow(kind, row, digest)),
          )
          await trx.updateTable('sources').set({ deleted_since: compared }).where('id', '=', source.id).execute()
        })),
      )
    }
  }
  return times
}

const wasDeleted = (known: { record: Readonly<Record<string, unknown>> } | undefined): boolean => known?.record['is_deleted'] === true

/** Earlier changes are not reported. */
export const initChangeCursor = (context: ReconcileContext): Promise<void> =>
  initCursor(context, 'changed_since', (since) => ({ changedSince: since }))
/** Earlier deletions are not reported. */
export const initDeletionCursor = (context: ReconcileContext): Promise<void> =>
  initCursor(context, 'deleted_since', (since) => ({ deletedSince: since }))

type SinceQuery = { changedSince: string } | { deletedSince: string }

/** Saves snapshots of the last minutes, so that later changes can be compared with them, and sets the cursor to where they begin. */
async function initCursor(
  context: ReconcileContext,
  column: 'changed_since' | 'deleted_since',
  query: (since: string) => SinceQuery,
): Promise<void> {
  const { source, kind, deps, account, digest } = context
  // A first guess: only a response shows Pipedrive's time.
  let since = earlier(pipedriveNow(account, deps.clock), OVERLAP_MS)
  const read = async () => {
    const rows: TriggerRow[] = []
    for await (const page of pagesOf(context, query(secondsText(since)))) rows.push(...page)
    return rows
  }
  let rows = await read()
  const right = earlier(pipedriveNow(account, deps.clock), OVERLAP_MS)
  if (Math.abs(right.getTime() - since.getTime()) > OVERLAP_MS / 2) {
    since = right
    rows = await read()
  }
  const settled = earlier(pipedriveNow(account, deps.clock), SETTLE_MS)
  await deps.store.transaction(async (trx) => {
    // Snapshots from an earlier subscription: what changed since it ended is not reported.
    if (column === 'changed_since')
      await trx
        .deleteFrom('fingerprints')
        .where('source_id', '=', source.id)
        .where(sql<boolean>`cast(record as text) not like '%"is_deleted":true%'`)
        .execute()
    await saveSnapshots(
      trx,
      source.id,
      rows.map((row) => snapshotOfRow(kind, row, digest, { settled: stateTime(row) < settled })),
    )
    await trx
      .updateTable('sources')
      .set({ [column]: since })
      .where('id', '=', source.id)
      .execute()
  })
}

/** The pages of a list, oldest change first. */
async function* pagesOf({ kind, account }: ReconcileContext, query: SinceQuery): AsyncGenerator<TriggerRow[]> {
  let cursor: string | undefined
  do {
    const page = await kind.list(account.pipedrive, { ...query, ...(cursor !== undefined && { cursor }) })
    yield page.rows
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
