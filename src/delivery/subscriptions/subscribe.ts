import type { Trigger } from '../../catalog/define.ts'
import type { Principal } from '../../connections/principal.ts'
import { isDeadlock, isForeignKeyViolation, isUniqueViolation } from '../../connections/registry-deps.ts'
import type { OpenAccountSession } from '../../engine/account-session.ts'
import { withReport } from '../../engine/call-report.ts'
import { checkRights } from '../../engine/check-rights.ts'
import type { Me } from '../../pipedrive/api-types.ts'
import { createAccounts } from '../accounts.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { NamedConnectionRequired } from '../errors/named-connection-required.ts'
import { SourceBusy } from '../errors/source-busy.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { initBaseline } from '../reconcile/init-baseline.ts'
import { checkTarget } from '../dispatch/targets/check-target.ts'
import { ensureWebhook } from '../reconcile/ensure-webhook.ts'
import { ensureAccountAndSource, hasBaseline, isModeDecided, storeAccountKey } from './ensure-account-and-source.ts'
import { saveSubscription, type SavedSubscription, type SubscriptionSpec } from './save-subscription.ts'
import { readSubscription } from './read-subscription.ts'
import { assertHeld, withSourceLease } from '../queue/source-lease.ts'
import type { NewSubscription, Subscriptions } from './subscriptions.ts'

/** A concurrent end of the account's last subscription may remove the account or source found here. */
const ATTEMPTS = 3

const KEY_STORED_NOTICE =
  'The Pipedrive API key of this call is kept, encrypted, until the subscription ends, and then erased. A named connection ' +
  '(dealbridge connections add) stores its key in one place, where it can be replaced.'

export const createSubscribe =
  (deps: DeliveryDeps, openSession: OpenAccountSession): Subscriptions['subscribe'] =>
  (trigger, body, context) =>
    withReport(async (draft) => {
      const { connections, options } = deps
      const principal = await connections.resolve(context.credential, context.address)
      draft.account = connections.labelOf(principal)
      checkRights(principal, trigger)
      const session = openSession(principal, context.address)
      if (!principal.connection && options.subscribers === 'named-only') throw new NamedConnectionRequired()
      return session.withRateLimit(draft, async () => {
        // Checks the key before the body: only callers with an account learn what is accepted.
        const me = await session.withAccount({ purpose: trigger.id, chargedTo: draft.ledger }, ({ referenceData }) => referenceData.me())
        const chargedDeps = { ...deps, accounts: createAccounts(deps, draft.ledger) }
        const saved = await saveWhenReady(chargedDeps, principal, me, trigger, specOf(deps, trigger, body))
        return { view: toNewSubscription(saved, principal), locationToken: saved.locationToken }
      })
    })

function specOf({ options }: DeliveryDeps, trigger: Trigger, body: Record<string, unknown>): SubscriptionSpec {
  const { callbackUrl, ...rest } = readSubscription(trigger, body)
  const target = callbackUrl === undefined ? undefined : checkTarget(callbackUrl, options.targets)
  return { ...rest, trigger: trigger.id, happening: trigger.event, target }
}

async function saveWhenReady(
  deps: DeliveryDeps,
  principal: Principal,
  me: Me,
  trigger: Trigger,
  spec: SubscriptionSpec,
): Promise<SavedSubscription> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const { account, source } = await ensureAccountAndSource(deps, principal, me, trigger.record.name)
      const ids = { account: account.id, source: source.id }
      const saved = (await saveSubscription(deps, ids, spec, true)) ?? (await prepareAndSave(deps, principal, ids, spec))
      if (saved) return saved
    } catch (error) {
      const isConflict = error instanceof AccountGone || [isForeignKeyViolation, isUniqueViolation, isDeadlock].some((is) => is(error))
      if (!isConflict) throw error
    }
  }
  throw new SourceBusy()
}

/** The first subscription to a source or to an event type: it needs the webhook and a baseline of the existing records. */
async function prepareAndSave(
  deps: DeliveryDeps,
  principal: Principal,
  ids: { account: string; source: string },
  spec: SubscriptionSpec,
): Promise<SavedSubscription | undefined> {
  const read = (): Promise<Source | undefined> =>
    deps.store.db.selectFrom('sources').selectAll().where('id', '=', ids.source).executeTakeFirst()
  return withSourceLease(deps, ids.source, async (lease) => {
    await storeAccountKey(deps, ids.account, principal)
    let source = await read()
    if (source && !isModeDecided(source)) {
      await ensureWebhook(deps, source, { lease })
      source = await read()
    }
    // After the webhook, which delivers the events in between.
    if (source && !hasBaseline(source, spec.happening)) await initBaseline(deps, source, spec.happening)
    assertHeld(lease)
    return saveSubscription(deps, ids, spec, false)
  })
}

const toNewSubscription = ({ row, source, signingKey }: SavedSubscription, { connection }: Principal): NewSubscription => ({
  id: row.id,
  trigger: row.trigger,
  connection: connection?.id ?? null,
  filters: row.filters,
  format: row.format,
  callback: row.asked_at === null ? row.target_hint : null,
  state: row.state,
  mode: source.mode,
  modeReason: source.mode_reason,
  notice: connection ? null : KEY_STORED_NOTICE,
  ...(signingKey !== undefined && { signingKey }),
})
