import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { baselineOf, type Baseline } from '../process/baselines.ts'
import { digestWith } from '../process/digest.ts'
import { recordKindOf } from '../process/record-kind-of.ts'
import { initAddedCursor } from './find-added.ts'
import { initChangeCursor, initDeletionCursor } from './find-changed.ts'
import type { ReconcileContext } from './record-findings.ts'

/**
 * Saves what exists before the first subscription to an event type, so that it is not reported as new: one list, 10 tokens. Does nothing if the
 * baseline exists.
 */
export async function initBaseline(deps: DeliveryDeps, source: Source, eventType: EventType): Promise<void> {
  const kind = recordKindOf(deps.triggers, source.kind)
  const baseline = baselineOf(eventType)
  // Pipedrive has no list of deleted activities.
  if (source[baseline] !== null || (eventType === 'deleted' && !kind.when.deleted)) return
  await deps.accounts.use(source.account_id, `baseline:${source.kind}`, (account) =>
    INIT[baseline]({ deps, source, kind, subscriptions: [], account, digest: digestWith(deps.store) }),
  )
}

const INIT: Readonly<Record<Baseline, (context: ReconcileContext) => Promise<void>>> = {
  watch: initAddedCursor,
  changed_since: initChangeCursor,
  deleted_since: initDeletionCursor,
}
