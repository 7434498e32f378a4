import type { Happening } from '../../catalog/records/record-kind.ts'
import { digestWith } from '../events/digest.ts'
import { baselineOf, type Baseline } from '../events/baselines.ts'
import { kindOf } from '../events/kinds.ts'
import type { DeliveryParts, Source } from '../parts.ts'
import { beginWatch } from './find-added.ts'
import { beginChanges, beginDeletions } from './find-changed.ts'
import type { Workbench } from './record-findings.ts'

/**
 * Notes what is there before the first subscription to a happening, so that it is not told as new: one list, 10 tokens. Nothing where that was
 * noted before.
 */
export async function prepareSource(parts: DeliveryParts, source: Source, happening: Happening): Promise<void> {
  const kind = kindOf(parts.triggers, source.kind)
  const baseline = baselineOf(happening)
  // That an activity was deleted no list tells.
  if (source[baseline] !== null || (happening === 'deleted' && !kind.when.deleted)) return
  await parts.accounts.use(source.account_id, `baseline:${source.kind}`, (account) =>
    BEGIN[baseline]({ parts, source, kind, listeners: [], account, digest: digestWith(parts.store) }),
  )
}

const BEGIN: Readonly<Record<Baseline, (bench: Workbench) => Promise<void>>> = {
  watch: beginWatch,
  changed_since: beginChanges,
  deleted_since: beginDeletions,
}
