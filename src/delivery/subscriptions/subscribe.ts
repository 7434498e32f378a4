import type { Trigger } from '../../catalog/define.ts'
import type { Principal } from '../../connections/principal.ts'
import { isDeadlock, isForeignKeyViolation, isUniqueViolation } from '../../connections/registry-deps.ts'
import type { OpenAccountSession } from '../../engine/account-session.ts'
import { withReport } from '../../engine/call-report.ts'
import type { Me } from '../../pipedrive/api-types.ts'
import { createAccounts } from '../accounts.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { NamedConnectionRequired } from '../errors/named-connection-required.ts'
import { SourceBusy } from '../errors/source-busy.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { initBaseline } from '../reconcile/init-baseline.ts'
import { checkTarget } from '../dispatch/targets/check-target.ts'
import { ensureWebhook } from '../reconcile/ensure-webhook.ts'
import { accountAndSource, hasBaseline, hasWebhookUpkeep, keepAccountKey } from './account-and-source.ts'
import { saveSubscription, type SavedSubscription, type SubscriptionSpec } from './save-subscription.ts'
import { readSubscription } from './read-subscription.ts'
import { assertHeld, withSourceLease } from '../queue/source-lease.ts'
import type { Subscribed, Subscriptions } from './subscriptions.ts'

/** Somebody else's last subscription may end at the same moment, and take with it what was found here. */
const ATTEMPTS = 3

const KEPT_KEY =
  'The Pipedrive API key of this call is kept, sealed, for as long as the subscription lives, and erased when it ends. A named connection ' +
  '(dealbridge connections add) keeps its key in one place, where it can be exchanged.'

export const subscribeWith =
  (deps: DeliveryDeps, openSession: OpenAccountSession): Subscriptions['subscribe'] =>
  (trigger, given, context) =>
    withReport(async (draft) => {
      const { connections, options } = deps
      const acting = await connections.resolve(context.credential, context.address)
      draft.account = connections.labelOf(acting)
      const session = openSession(acting, context.address)
      if (!acting.connection && options.subscribers === 'named-only') throw new NamedConnectionRequired()
      return session.withRateLimit(draft, async () => {
        // Before anything of the request is looked at: what is taken and what is not is for people with an account to know.
        const me = await session.withAccount({ purpose: trigger.id, chargedTo: draft.ledger }, ({ referenceData }) => referenceData.me())
        const charged = { ...deps, accounts: createAccounts(deps, draft.ledger) }
        const kept = await keep(charged, acting, me, trigger, readWanted(deps, trigger, given))
        return { view: subscribed(kept, acting), locationToken: kept.locationToken }
      })
    })

function readWanted({ options }: DeliveryDeps, trigger: Trigger, given: Record<string, unknown>): SubscriptionSpec {
  const { callbackUrl, ...rest } = readSubscription(trigger, given)
  const target = callbackUrl === undefined ? undefined : checkTarget(callbackUrl, options.targets)
  return { ...rest, trigger: trigger.id, happening: trigger.event, target }
}

async function keep(deps: DeliveryDeps, acting: Principal, me: Me, trigger: Trigger, wanted: SubscriptionSpec): Promise<SavedSubscription> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const { account, source } = await accountAndSource(deps, acting, me, trigger.record.name)
      const ids = { account: account.id, source: source.id }
      const kept = (await saveSubscription(deps, ids, wanted, true)) ?? (await prepareAndKeep(deps, acting, ids, wanted))
      if (kept) return kept
    } catch (error) {
      const isMoved = error instanceof AccountGone || [isForeignKeyViolation, isUniqueViolation, isDeadlock].some((is) => is(error))
      if (!isMoved) throw error
    }
  }
  throw new SourceBusy()
}

/** The first subscription to a source, or to a happening: what Pipedrive tells, and what is there already, has to be known before. */
async function prepareAndKeep(
  deps: DeliveryDeps,
  acting: Principal,
  ids: { account: string; source: string },
  wanted: SubscriptionSpec,
): Promise<SavedSubscription | undefined> {
  const read = (): Promise<Source | undefined> =>
    deps.store.db.selectFrom('sources').selectAll().where('id', '=', ids.source).executeTakeFirst()
  return withSourceLease(deps, ids.source, async (lease) => {
    await keepAccountKey(deps, ids.account, acting)
    let source = await read()
    if (source && !hasWebhookUpkeep(source)) {
      await ensureWebhook(deps, source, { lease })
      source = await read()
    }
    // Only now: what happens in between is told by the webhook, where there is one.
    if (source && !hasBaseline(source, wanted.happening)) await initBaseline(deps, source, wanted.happening)
    assertHeld(lease)
    return saveSubscription(deps, ids, wanted, false)
  })
}

const subscribed = ({ row, source, signingKey }: SavedSubscription, { connection }: Principal): Subscribed => ({
  id: row.id,
  trigger: row.trigger,
  connection: connection?.id ?? null,
  filters: row.filters,
  format: row.format,
  callback: row.asked_at === null ? row.target_hint : null,
  state: row.state,
  mode: source.mode,
  modeReason: source.mode_reason,
  notice: connection ? null : KEPT_KEY,
  ...(signingKey !== undefined && { signingKey }),
})
