import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { subscribedEventTypes, type ActiveSubscription } from '../process/active-subscriptions.ts'
import { isChange } from '../process/baselines.ts'
import { digestWith } from '../process/digest.ts'
import { recordKindOf } from '../process/record-kind-of.ts'
import { findAdded } from './find-added.ts'
import { findChanged, findDeleted } from './find-changed.ts'
import { pipedriveNow } from './pipedrive-now.ts'
import type { ReconcileContext } from './record-findings.ts'

/** A ReconcileResult is the outcome of one comparison of Pipedrive's lists with the recorded events. */
export interface ReconcileResult {
  /** How many lists the subscriptions need. */
  lists: number
  /** Events that no webhook had reported. */
  found: number
  /** One of them is so old that its webhook is overdue. */
  missed: boolean
  /** Some records changed a moment ago, and are compared when their second is settled. */
  unsettled: boolean
}

/** Pipedrive tries for 183 s to deliver a webhook. */
export const WEBHOOK_ARRIVES_MS = 240_000

/** Compares Pipedrive's lists with the recorded events, and records the difference. 10 tokens for each list that a subscription needs. */
export async function reconcile(
  deps: DeliveryDeps,
  source: Source,
  subscriptions: readonly ActiveSubscription[],
  lease: Lease,
): Promise<ReconcileResult> {
  const kind = recordKindOf(deps.triggers, source.kind)
  const subscribed = subscribedEventTypes(subscriptions)
  const added = subscribed.has('added')
  const changed = [...subscribed].some(isChange)
  const deleted = subscribed.has('deleted') && kind.when.deleted !== undefined
  const lists = Number(added) + Number(changed) + Number(deleted)
  if (lists === 0) return { lists, found: 0, missed: false, unsettled: false }
  return deps.accounts.use(source.account_id, `reconcile:${source.kind}`, async (account) => {
    const context: ReconcileContext = { deps, source, kind, subscriptions, account, digest: digestWith(deps.store) }
    const additions = added ? await findAdded(context, lease) : []
    const changes = changed && lease.isHeld() ? await findChanged(context, lease) : { times: [], unsettled: false }
    const deletions = deleted && lease.isHeld() ? await findDeleted(context, lease) : []
    const times = [...additions, ...changes.times, ...deletions]
    const overdue = pipedriveNow(account, deps.clock).getTime() - WEBHOOK_ARRIVES_MS
    return { lists, found: times.length, missed: times.some((time) => time.getTime() < overdue), unsettled: changes.unsettled }
  })
}
