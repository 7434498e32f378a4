import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { loadActiveSubscriptions, type ActiveSubscription } from '../process/active-subscriptions.ts'
import { processInbox } from '../process/process-inbox.ts'
import { retryDelayMs, describeError } from '../process/classify-error.ts'
import type { Lease } from '../../store/leases.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { forgetBaselines } from '../reconcile/forget-baselines.ts'
import { paceMs } from '../reconcile/pace.ts'
import { SETTLE_MS } from '../reconcile/pipedrive-now.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { createSilentWebhooks } from '../reconcile/silent-webhooks.ts'
import { endSource } from '../reconcile/end-source.ts'
import { ensureWebhook } from '../reconcile/ensure-webhook.ts'

/** Nobody notices so much, and a burst becomes a batch. */
const GATHER_MS = 10
/** Added, changed, deleted. */
const LISTS_MAX = 3
/** Until what was unsettled in one round is settled. */
const UNSETTLED_MS = SETTLE_MS + 2_000

/**
 * Works on one source: what its webhooks brought, then its webhook itself, then the lists. Answers when there is more to do; undefined when
 * the source has ended, or is another process's by now. Pipedrive's troubles are noted in the source, and waited for. `random` is from 0 to 1.
 */
export function createSourceRunner(
  deps: DeliveryDeps,
  random: () => number = Math.random,
): (id: string, lease: Lease) => Promise<Date | undefined> {
  const { store, clock } = deps
  /** How often a source has failed in a row. Forgotten with the process, which then begins with a short pause. */
  const failures = new Map<string, number>()
  /** Sources whose next round is an extra one, for what was unsettled. */
  const extras = new Set<string>()
  const suspicions = createSilentWebhooks(clock)

  async function work(source: Source, listeners: readonly ActiveSubscription[], lease: Lease): Promise<Date | undefined> {
    const sorted = await processInbox(deps, source, lease, GATHER_MS)
    if (sorted.left === 'lost') return undefined
    const looked = await lookAfter(deps, source, lease, { missed: suspicions.isSilent(source) && source.mode === 'webhook' })
    const next = await compare(looked, listeners, lease)
    if (!next) return undefined
    failures.delete(source.id)
    if (sorted.left !== 'stuck') {
      if (source.trouble !== null) await note(source, { trouble: null })
      return next
    }
    await note(source, { trouble: describeError(sorted.error) })
    return sooner(next, new Date(clock.now() + retryDelayMs(sorted.error, sorted.tries, random())))
  }

  /** Compares the lists when that is due, and answers when the source is due next; undefined when it is another process's by now. */
  async function compare(source: Source, listeners: readonly ActiveSubscription[], lease: Lease): Promise<Date | undefined> {
    const dueWith = (next: Date, checkAt: Date) => sooner(sooner(next, checkAt), suspicions.judgedAt(source.id) ?? next)
    if (!isDue(source)) return dueWith(source.reconcile_at, source.check_at)
    if (!lease.isHeld()) return undefined
    const begunAt = clock.now()
    const round = await reconcile(deps, source, listeners, lease)
    if (!lease.isHeld()) return undefined
    if (round.found > 0)
      deps.logger.info(
        { source: source.id, kind: source.kind, mode: source.mode, ...round },
        'comparing lists has told what no webhook had',
      )
    if (round.found > 0 && !round.missed && source.mode === 'webhook') suspicions.raise(source.id, begunAt)
    // A webhook that is there and says nothing may be banned, which Pipedrive tells nobody: a new one is not.
    const looked = round.missed && source.mode === 'webhook' ? await lookAfter(deps, source, lease, { missed: true }) : source
    // One round more, not one after each: in a busy account something was always changed a moment ago.
    const needsExtra = round.unsettled && source.mode === 'webhook' && !extras.delete(source.id)
    if (needsExtra) extras.add(source.id)
    const pause = needsExtra ? UNSETTLED_MS : paceMs({ ...round, mode: looked.mode }, deps.options.reconcileTokens, random())
    const next = new Date(clock.now() + pause)
    await note(source, { reconcile_at: next })
    return dueWith(next, looked.check_at)
  }

  /** A time that no pace leads to is from a clock that was set back since. */
  function isDue({ reconcile_at: at, mode }: Source): boolean {
    const longest = paceMs({ mode, lists: LISTS_MAX, missed: false }, deps.options.reconcileTokens, 1)
    return at.getTime() <= clock.now() || at.getTime() > clock.now() + longest
  }

  const note = ({ id }: Source, values: { trouble?: string | null; reconcile_at?: Date }) =>
    store.db.updateTable('sources').set(values).where('id', '=', id).execute()

  return async (id, lease) => {
    const source = await store.db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirst()
    if (!source) return undefined
    try {
      const listeners = await loadActiveSubscriptions(store.db, source, deps.options)
      if (listeners.length === 0) return await endSource(deps, source)
      return await work({ ...source, ...(await forgetBaselines(deps, source)) }, listeners, lease)
    } catch (error) {
      if (error instanceof AccountGone || !lease.isHeld()) return undefined
      if (!(error instanceof DealbridgeError) || error instanceof StoreUnavailable) throw error
      const tries = (failures.get(id) ?? 0) + 1
      failures.set(id, tries)
      const due = new Date(clock.now() + retryDelayMs(error, tries, random()))
      const trouble = describeError(error)
      deps.logger.warn({ source: id, kind: source.kind, tries, due, trouble }, 'a source has to wait for Pipedrive')
      await note(source, { trouble })
      return due
    }
  }
}

const sooner = (a: Date, b: Date): Date => (a < b ? a : b)

/** Sees to the webhook when that is due, or when it has `missed` events. What happened before a new one was made, only the lists tell: at once. */
async function lookAfter(deps: DeliveryDeps, source: Source, lease: Lease, { missed = false } = {}): Promise<Source> {
  const now = new Date(deps.clock.now())
  if (!missed && source.check_at > now) return source
  const { mode, reason, checkAt, made } = await ensureWebhook(deps, source, { missed, lease })
  return {
    ...source,
    mode,
    mode_reason: reason,
    check_at: checkAt,
    reconcile_at: made || mode !== source.mode ? now : source.reconcile_at,
  }
}
