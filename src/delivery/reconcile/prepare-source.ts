import type { Happening } from '../../catalog/records/record-kind.ts'
import { digestWith } from '../events/digest.ts'
import { isChange, kindOf } from '../events/kinds.ts'
import type { DeliveryParts, Source } from '../parts.ts'
import { beginWatch } from './find-added.ts'
import { beginChanges, beginDeletions } from './find-changed.ts'

/**
 * Notes what is there before the first subscription to a happening, so that it is not told as new: one list, 10 tokens. Nothing where that was
 * noted before.
 */
export async function prepareSource(parts: DeliveryParts, source: Source, happening: Happening): Promise<void> {
  const kind = kindOf(parts.triggers, source.kind)
  const begin = baselineFor(source, happening)
  // That an activity was deleted no list tells.
  if (!begin || (happening === 'deleted' && !kind.when.deleted)) return
  await parts.accounts.use(source.account_id, `baseline:${source.kind}`, (account) =>
    begin({ parts, source, kind, listeners: [], account, digest: digestWith(parts.store) }),
  )
}

function baselineFor({ watch, changed_since: changed, deleted_since: deleted }: Source, happening: Happening) {
  if (isChange(happening)) return changed ? undefined : beginChanges
  if (happening === 'added') return watch ? undefined : beginWatch
  return deleted ? undefined : beginDeletions
}
