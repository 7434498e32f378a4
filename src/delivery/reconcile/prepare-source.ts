import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { digestWith } from '../process/digest.ts'
import { baselineOf, type Baseline } from '../process/baselines.ts'
import { kindOf } from '../process/record-kinds.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { initAddedCursor } from './find-added.ts'
import { initChangeCursor, initDeletionCursor } from './find-changed.ts'
import type { ReconcileContext } from './record-findings.ts'

/**
 * Notes what is there before the first subscription to a happening, so that it is not told as new: one list, 10 tokens. Nothing where that was
 * noted before.
 */
export async function prepareSource(deps: DeliveryDeps, source: Source, happening: EventType): Promise<void> {
  const kind = kindOf(deps.triggers, source.kind)
  const baseline = baselineOf(happening)
  // That an activity was deleted no list tells.
  if (source[baseline] !== null || (happening === 'deleted' && !kind.when.deleted)) return
  await deps.accounts.use(source.account_id, `baseline:${source.kind}`, (account) =>
    BEGIN[baseline]({ parts: deps, source, kind, listeners: [], account, digest: digestWith(deps.store) }),
  )
}

const BEGIN: Readonly<Record<Baseline, (bench: ReconcileContext) => Promise<void>>> = {
  watch: initAddedCursor,
  changed_since: initChangeCursor,
  deleted_since: initDeletionCursor,
}
