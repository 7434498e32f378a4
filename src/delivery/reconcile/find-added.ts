import { scanForNew, type NewList } from '../../engine/polling/scan-for-new.ts'
import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { PollDecision } from '../../engine/polling/decide-new.ts'
import type { Lease } from '../../store/leases.ts'
import { pipedriveNow } from './pipedrive-now.ts'
import { recordFindings, type ReconcileContext } from './record-findings.ts'
import { readCursor, writeCursor } from './cursor-text.ts'

/** The look at a list by id that polling triggers have, with the state kept in the database. Answers the moments of what no webhook had told. */
export async function findAdded(bench: ReconcileContext, lease: Lease): Promise<Date[]> {
  const news: Date[] = []
  let watch = readCursor(bench.source.watch)
  if (!watch) {
    await initAddedCursor(bench)
    return news
  }
  for (;;) {
    const { items, cursor: after }: PollDecision<TriggerRow> = await scanForNew(listOf(bench), watch, nowSeconds(bench))
    if (!lease.isHeld()) return news
    const findings = items.map((row) => ({ row, happenings: ['added' as const], known: undefined }))
    news.push(
      ...(await recordFindings(bench, findings, async (trx) => {
        await trx
          .updateTable('sources')
          .set({ watch: writeCursor(after) })
          .where('id', '=', bench.source.id)
          .execute()
      })),
    )
    watch = after
    if (!after.hasMore) return news
  }
}

/** What is there is not new. */
export async function initAddedCursor(bench: ReconcileContext): Promise<void> {
  const { cursor } = await scanForNew(listOf(bench), undefined, nowSeconds(bench))
  await bench.parts.store.db
    .updateTable('sources')
    .set({ watch: writeCursor(cursor) })
    .where('id', '=', bench.source.id)
    .execute()
}

const listOf =
  ({ kind, account }: ReconcileContext): NewList<TriggerRow> =>
  (query) =>
    kind.list(account.pipedrive, query)

/** By the clock that stamps records: ours may be hours ahead, and would take each late record for an old one. */
const nowSeconds =
  ({ parts: deps, account }: ReconcileContext) =>
  (): number =>
    Math.floor(pipedriveNow(account, deps.clock).getTime() / 1_000)
