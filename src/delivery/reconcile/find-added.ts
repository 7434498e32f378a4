import { lookForNew, type NewList } from '../../engine/polling/look-for-new.ts'
import type { RecordRow } from '../../catalog/records/record-kind.ts'
import type { Decision } from '../../engine/polling/decide-new.ts'
import type { Lease } from '../../store/leases.ts'
import { pipedriveNow } from './pipedrive-now.ts'
import { recordFindings, type Workbench } from './record-findings.ts'
import { readWatch, writeWatch } from './watch-text.ts'

/** The look at a list by id that polling triggers have, with the state kept in the database. Answers the moments of what no webhook had told. */
export async function findAdded(bench: Workbench, lease: Lease): Promise<Date[]> {
  const news: Date[] = []
  let watch = readWatch(bench.source.watch)
  if (!watch) {
    await beginWatch(bench)
    return news
  }
  for (;;) {
    const { items, watch: after }: Decision<RecordRow> = await lookForNew(listOf(bench), watch, nowSeconds(bench))
    if (!lease.isHeld()) return news
    const findings = items.map((row) => ({ row, happenings: ['added' as const], known: undefined }))
    news.push(
      ...(await recordFindings(bench, findings, async (trx) => {
        await trx
          .updateTable('sources')
          .set({ watch: writeWatch(after) })
          .where('id', '=', bench.source.id)
          .execute()
      })),
    )
    watch = after
    if (!after.behind) return news
  }
}

/** What is there is not new. */
export async function beginWatch(bench: Workbench): Promise<void> {
  const { watch } = await lookForNew(listOf(bench), undefined, nowSeconds(bench))
  await bench.parts.store.db
    .updateTable('sources')
    .set({ watch: writeWatch(watch) })
    .where('id', '=', bench.source.id)
    .execute()
}

const listOf =
  ({ kind, account }: Workbench): NewList<RecordRow> =>
  (query) =>
    kind.list(account.pipedrive, query)

/** By the clock that stamps records: ours may be hours ahead, and would take each late record for an old one. */
const nowSeconds =
  ({ parts, account }: Workbench) =>
  (): number =>
    Math.floor(pipedriveNow(account, parts.clock).getTime() / 1_000)
