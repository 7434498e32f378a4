import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { loadActiveSubscriptions, type ActiveSubscription } from '../process/active-subscriptions.ts'
import { processInbox } from '../process/process-inbox.ts'
import { retryDelayMs, describeError } from '../process/classify-error.ts'
import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { clearUnusedBaselines } from '../reconcile/clear-unused-baselines.ts'
import { reconcileIntervalMs } from '../reconcile/reconcile-interval.ts'
import { SETTLE_MS } from '../reconcile/pipedrive-now.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { createSilentWebhooks } from '../reconcile/silent-webhooks.ts'
import { endSource } from '../reconcile/end-source.ts'
import { ensureWebhook } from '../reconcile/ensure-webhook.ts'

/** Too short to notice, and a burst becomes one batch. */
const GATHER_MS = 10
/** Added, changed, deleted. */
const LISTS_MAX = 3
/** Until the records that were unsettled in one round are settled. */
const UNSETTLED_MS = SETTLE_MS + 2_000

/**
 * Runs one source: processes its inbox, ensures its webhook, then compares the lists. Returns when the source is due next; undefined if it has
 * ended or another process has it. An error of Pipedrive is saved in the source and retried later. `random` is from 0 to 1.
 */
export function createSourceRunner(
  deps: DeliveryDeps,
  random: () => number = Math.random,
): (id: string, lease: Lease) => Promise<Date | undefined> {
  const { store, clock } = deps
  /** Failures of each source in a row. Kept in memory only: a new process begins with a short pause. */
  const failures = new Map<string, number>()
  /** Sources whose next round is an extra one, for unsettled records. */
  const extras = new Set<string>()
  const silentWebhooks = createSilentWebhooks(clock)

  async function runSource(source: Source, subscriptions: readonly ActiveSubscription[], lease: Lease): Promise<Date | undefined> {
    const inbox = await processInbox(deps, source, lease, GATHER_MS)
    if (inbox.left === 'lost') return undefined
    const checked = await checkWebhook(deps, source, lease, { missed: silentWebhooks.isSilent(source) && source.mode === 'webhook' })
    const next = await reconcileIfDue(checked, subscriptions, lease)
    if (!next) return undefined
    failures.delete(source.id)
    if (inbox.left !== 'stuck') {
      if (source.trouble !== null) await save(source, { trouble: null })
      return next
    }
    await save(source, { trouble: describeError(inbox.error) })
    return sooner(next, new Date(clock.now() + retryDelayMs(inbox.error, inbox.tries, random())))
  }

  /** Compares the lists if that is due. Returns when the source is due next; undefined if another process has it. */
  async function reconcileIfDue(source: Source, subscriptions: readonly ActiveSubscription[], lease: Lease): Promise<Date | undefined> {
    const dueWith = (next: Date, checkAt: Date) => sooner(sooner(next, checkAt), silentWebhooks.checkAt(source.id) ?? next)
    if (!isDue(source)) return dueWith(source.reconcile_at, source.check_at)
    if (!lease.isHeld()) return undefined
    const begunAt = clock.now()
    const round = await reconcile(deps, source, subscriptions, lease)
    if (!lease.isHeld()) return undefined
    if (round.found > 0)
      deps.logger.info(
        { source: source.id, kind: source.kind, mode: source.mode, ...round },
        'reconciliation found events without a webhook',
      )
    if (round.found > 0 && !round.missed && source.mode === 'webhook') silentWebhooks.suspect(source.id, begunAt)
    // A registered webhook that is silent may be banned, which Pipedrive does not report. A new one is not.
    const checked = round.missed && source.mode === 'webhook' ? await checkWebhook(deps, source, lease, { missed: true }) : source
    // One extra round, not one after each: in a busy account some record has always changed a moment ago.
    const needsExtra = round.unsettled && source.mode === 'webhook' && !extras.delete(source.id)
    if (needsExtra) extras.add(source.id)
    const pause = needsExtra ? UNSETTLED_MS : reconcileIntervalMs({ ...round, mode: checked.mode }, deps.options.reconcileTokens, random())
    const next = new Date(clock.now() + pause)
    await save(source, { reconcile_at: next })
    return dueWith(next, checked.check_at)
  }

  /** A time further away than any interval is from a clock that was set back since. */
  function isDue({ reconcile_at: at, mode }: Source): boolean {
    const longest = reconcileIntervalMs({ mode, lists: LISTS_MAX, missed: false }, deps.options.reconcileTokens, 1)
    return at.getTime() <= clock.now() || at.getTime() > clock.now() + longest
  }

  const save = ({ id }: Source, values: { trouble?: string | null; reconcile_at?: Date }) =>
    store.db.updateTable('sources').set(values).where('id', '=', id).execute()

  return async (id, lease) => {
    const source = await store.db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirst()
    if (!source) return undefined
    try {
      const subscriptions = await loadActiveSubscriptions(store.db, source, deps.options)
      if (subscriptions.length === 0) return await endSource(deps, source)
      return await runSource({ ...source, ...(await clearUnusedBaselines(deps, source)) }, subscriptions, lease)
    } catch (error) {
      if (error instanceof AccountGone || !lease.isHeld()) return undefined
      if (!(error instanceof DealbridgeError) || error instanceof StoreUnavailable) throw error
      const tries = (failures.get(id) ?? 0) + 1
      failures.set(id, tries)
      const due = new Date(clock.now() + retryDelayMs(error, tries, random()))
      const trouble = describeError(error)
      deps.logger.warn({ source: id, kind: source.kind, tries, due, trouble }, 'source failed; will retry')
      await save(source, { trouble })
      return due
    }
  }
}

const sooner = (a: Date, b: Date): Date => (a < b ? a : b)

/** Checks the webhook if that is due, or if it `missed` events. Events before a new webhook are only in the lists, which are then due at once. */
async function checkWebhook(deps: DeliveryDeps, source: Source, lease: Lease, { missed = false } = {}): Promise<Source> {
  const now = new Date(deps.clock.now())
  if (!missed && source.check_at > now) return source
  const { mode, reason, checkAt, isNew } = await ensureWebhook(deps, source, { missed, lease })
  return {
    ...source,
    mode,
    mode_reason: reason,
    check_at: checkAt,
    reconcile_at: isNew || mode !== source.mode ? now : source.reconcile_at,
  }
}
