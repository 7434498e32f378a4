import { sql } from 'kysely'
import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { snapshotOfRow, stateTime } from '../process/record-snapshot.ts'
import { loadSnapshots, saveSnapshots } from '../process/snapshot-store.ts'
import { eventTypesOf, loadActiveSubscriptions } from '../process/active-subscriptions.ts'
import type { Lease } from '../../store/leases.ts'
import { decideReconcile } from './decide-reconcile.ts'
import { earlier, OVERLAP_MS, pipedriveNow, secondsText, SETTLE_MS } from './pipedrive-now.ts'
import { recordFindings, type ReconcileFinding, type ReconcileContext } from './record-findings.ts'

/** One transaction. */
const BATCH = 100

/** What a look at changed records has shown. */
export interface ChangeScanResult {
  /** The moments of what no webhook had told. */
  news: Date[]
  /** Some were changed a moment ago, and are to be compared when that is settled. */
  unsettled: boolean
}

/** Compares what was changed since the last look with what was told of it. */
export async function findChanged(bench: ReconcileContext, lease: Lease): Promise<ChangeScanResult> {
  const { source, kind, parts: deps, account, digest } = bench
  const news: Date[] = []
  if (!source.changed_since) {
    await initChangeCursor(bench)
    return { news, unsettled: false }
  }
  const since = source.changed_since
  let compared = since
  let unsettled = false
  for await (const page of pagesOf(bench, { changedSince: secondsText(since) })) {
    // Only now: whoever has subscribed by the time of a change that is shown here is told.
    const listeners = await loadActiveSubscriptions(deps.store.db, source, deps.options)
    const wanted = eventTypesOf(listeners)
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
      if (!lease.isHeld()) return { news, unsettled }
      const last = earlier(stateTime(some.at(-1)!), OVERLAP_MS)
      if (last > compared) compared = last
      const findings: ReconcileFinding[] = comparisons.map(({ row, known, happenings }) => ({
        row,
        known,
        happenings: happenings.filter((one) => wanted.has(one)),
      }))
      news.push(
        ...(await recordFindings({ ...bench, listeners }, findings, async (trx) => {
          await saveSnapshots(
            trx,
            source.id,
            comparisons.flatMap(({ fingerprint }) => (fingerprint ? [fingerprint] : [])),
          )
          await trx.updateTable('sources').set({ changed_since: compared }).where('id', '=', source.id).execute()
        })),
      )
    }
  }
  return { news, unsettled }
}

/** Compares what was deleted. A record is deleted once, whatever became of it later. */
export async function findDeleted(bench: ReconcileContext, lease: Lease): Promise<Date[]> {
  const { source, kind, parts: deps, digest } = bench
  const news: Date[] = []
  if (!source.deleted_since) {
    await initDeletionCursor(bench)
    return news
  }
  let compared = source.deleted_since
  for await (const page of pagesOf(bench, { deletedSince: secondsText(source.deleted_since) })) {
    for (let at = 0; at < page.length; at += BATCH) {
      const some = page.slice(at, at + BATCH)
      const known = await loadSnapshots(
        deps.store.db,
        source.id,
        some.map(({ id }) => id),
      )
      const fresh = some.filter((row) => kind.when.deleted?.(row) && !wasDeleted(known.get(row.id)))
      if (!lease.isHeld()) return news
      const last = earlier(stateTime(some.at(-1)!), OVERLAP_MS)
      if (last > compared) compared = last
      const findings = fresh.map((row) => ({ row, known: known.get(row.id), happenings: ['deleted' as const] }))
      news.push(
        ...(await recordFindings(bench, findings, async (trx) => {
          await saveSnapshots(
            trx,
            source.id,
            fresh.map((row) => snapshotOfRow(kind, row, digest)),
          )
          await trx.updateTable('sources').set({ deleted_since: compared }).where('id', '=', source.id).execute()
        })),
      )
    }
  }
  return news
}

const wasDeleted = (known: { record: Readonly<Record<string, unknown>> } | undefined): boolean => known?.record['is_deleted'] === true

/** What was changed before is known now, and no news. */
export const initChangeCursor = (bench: ReconcileContext): Promise<void> =>
  begin(bench, 'changed_since', (since) => ({ changedSince: since }))
/** What is deleted is no news. */
export const initDeletionCursor = (bench: ReconcileContext): Promise<void> =>
  begin(bench, 'deleted_since', (since) => ({ deletedSince: since }))

type SinceQuery = { changedSince: string } | { deletedSince: string }

/** Keeps the states of the last minutes, so that what comes later can be told from them, and goes on from where that begins. */
async function begin(
  bench: ReconcileContext,
  column: 'changed_since' | 'deleted_since',
  query: (since: string) => SinceQuery,
): Promise<void> {
  const { source, kind, parts: deps, account, digest } = bench
  // A first guess, until Pipedrive has said what time it is.
  let since = earlier(pipedriveNow(account, deps.clock), OVERLAP_MS)
  const read = async () => {
    const rows: TriggerRow[] = []
    for await (const page of pagesOf(bench, query(secondsText(since)))) rows.push(...page)
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
    // States from before a time in which nobody listened: what changed in that time is no news.
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
