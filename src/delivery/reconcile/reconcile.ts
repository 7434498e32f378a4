import { digestWith } from '../process/digest.ts'
import { isChange, kindOf } from '../process/record-kinds.ts'
import { eventTypesOf, type ActiveSubscription } from '../process/active-subscriptions.ts'
import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { findAdded } from './find-added.ts'
import { findChanged, findDeleted } from './find-changed.ts'
import { pipedriveNow } from './pipedrive-now.ts'
import type { ReconcileContext } from './record-findings.ts'

/** A Reconciled is what comparing the lists with what was told has shown. */
export interface ReconcileResult {
  /** How many lists somebody wants to have compared. */
  lists: number
  /** Events that nobody had told. */
  found: number
  /** One of them is so old that its webhook must have been there long ago. */
  missed: boolean
  /** Some records were changed a moment ago, and are to be compared when that is settled. */
  unsettled: boolean
}

/** Pipedrive tries for 183 s to deliver a webhook. */
export const WEBHOOK_ARRIVES_MS = 240_000

/** Compares Pipedrive's lists with what was told, and tells the difference. 10 tokens for each list that somebody's trigger needs. */
export async function reconcile(
  deps: DeliveryDeps,
  source: Source,
  listeners: readonly ActiveSubscription[],
  lease: Lease,
): Promise<ReconcileResult> {
  const kind = kindOf(deps.triggers, source.kind)
  const wanted = eventTypesOf(listeners)
  const added = wanted.has('added')
  const changed = [...wanted].some(isChange)
  const deleted = wanted.has('deleted') && kind.when.deleted !== undefined
  const lists = Number(added) + Number(changed) + Number(deleted)
  if (lists === 0) return { lists, found: 0, missed: false, unsettled: false }
  return deps.accounts.use(source.account_id, `reconcile:${source.kind}`, async (account) => {
    const bench: ReconcileContext = { parts: deps, source, kind, listeners, account, digest: digestWith(deps.store) }
    const news = added ? await findAdded(bench, lease) : []
    const changes = changed && lease.isHeld() ? await findChanged(bench, lease) : { news: [], unsettled: false }
    const deletions = deleted && lease.isHeld() ? await findDeleted(bench, lease) : []
    const moments = [...news, ...changes.news, ...deletions]
    const longAgo = pipedriveNow(account, deps.clock).getTime() - WEBHOOK_ARRIVES_MS
    return { lists, found: moments.length, missed: moments.some((moment) => moment.getTime() < longAgo), unsettled: changes.unsettled }
  })
}
