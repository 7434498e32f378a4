import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { PollDecision } from '../../engine/polling/decide-new.ts'
import { scanForNew, type NewList } from '../../engine/polling/scan-for-new.ts'
import type { Lease } from '../../store/leases.ts'
import { pipedriveNow } from './pipedrive-now.ts'
import { recordFindings, type ReconcileContext } from './record-findings.ts'
import { readCursor, writeCursor } from './stored-cursor.ts'

/** Scans the list by id as polling triggers do, with the cursor kept in the database. Returns the times of the events that no webhook had reported. */
export async function findAdded(context: ReconcileContext, lease: Lease): Promise<Date[]> {
  const times: Date[] = []
  let cursor = readCursor(context.source.watch)
  if (!cursor) {
    await initAddedCursor(context)
    return times
  }
  for (;;) {
    const { items, cursor: next }: PollDecision<TriggerRow> = await scanForNew(listOf(context), cursor, nowSeconds(context))
    if (!lease.isHeld()) return times
    const findings = items.map((row) => ({ row, eventTypes: ['added' as const], known: undefined }))
    times.push(
      ...(await recordFindings(context, findings, async (trx) => {
        await trx
          .updateTable('sources')
          .set({ watch: writeCursor(next) })
          .where('id', '=', context.source.id)
          .execute()
      })),
    )
    cursor = next
    if (!next.hasMore) return times
  }
}

/** Records that exist already are not new. */
export async function initAddedCursor(context: ReconcileContext): Promise<void> {
  const { cursor } = await scanForNew(listOf(context), undefined, nowSeconds(context))
  await context.deps.store.db
    .updateTable('sources')
    .set({ watch: writeCursor(cursor) })
    .where('id', '=', context.source.id)
    .execute()
}

const listOf =
  ({ kind, account }: ReconcileContext): NewList<TriggerRow> =>
  (query) =>
    kind.list(account.pipedrive, query)

/** By Pipedrive's clock, which stamps records: this machine's may be hours ahead, and would make each late record look old. */
const nowSeconds =
  ({ deps, account }: ReconcileContext) =>
  (): number =>
    Math.floor(pipedriveNow(account, deps.clock).getTime() / 1_000)
