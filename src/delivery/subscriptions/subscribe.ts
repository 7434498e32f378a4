import type { Trigger } from '../../catalog/define.ts'
import type { Acting } from '../../connections/acting.ts'
import { isDeadlock, isForeignKeyViolation, isUniqueViolation } from '../../connections/registry-parts.ts'
import type { OpenAccountSession } from '../../engine/account-session.ts'
import { withReport } from '../../engine/call-report.ts'
import type { Me } from '../../pipedrive/wire.ts'
import { createAccounts } from '../accounts.ts'
import { AccountGone } from '../errors/account-gone.ts'
import { NamedConnectionRequired } from '../errors/named-connection-required.ts'
import { SourceBusy } from '../errors/source-busy.ts'
import type { DeliveryParts, Source } from '../parts.ts'
import { prepareSource } from '../reconcile/prepare-source.ts'
import { checkTarget } from '../targets/check-target.ts'
import { lookAfterWebhook } from '../webhooks/look-after-webhook.ts'
import { accountAndSource, hasBaseline, isLookedAfter, keepAccountKey } from './account-and-source.ts'
import { keepSubscription, type Kept, type Wanted } from './keep-subscription.ts'
import { readSubscription } from './read-subscription.ts'
import { mustHold, withSource } from './source-lease.ts'
import type { Subscribed, Subscriptions } from './subscriptions.ts'

/** Somebody else's last subscription may end at the same moment, and take with it what was found here. */
const ATTEMPTS = 3

const KEPT_KEY =
  'The Pipedrive API key of this call is kept, sealed, for as long as the subscription lives, and erased when it ends. A named connection ' +
  '(dealbridge connections add) keeps its key in one place, where it can be exchanged.'

export const subscribeWith =
  (parts: DeliveryParts, openSession: OpenAccountSession): Subscriptions['subscribe'] =>
  (trigger, given, context) =>
    withReport(async (draft) => {
      const { connections, options } = parts
      const acting = await connections.resolve(context.credential, context.address)
      draft.account = connections.labelOf(acting)
      const session = openSession(acting, context.address)
      if (!acting.connection && options.subscribers === 'named-only') throw new NamedConnectionRequired()
      return session.withRateLimit(draft, async () => {
        // Before anything of the request is looked at: what is taken and what is not is for people with an account to know.
        const me = await session.withAccount({ purpose: trigger.id, chargedTo: draft.ledger }, ({ names }) => names.me())
        const charged = { ...parts, accounts: createAccounts(parts, draft.ledger) }
        const kept = await keep(charged, acting, me, trigger, readWanted(parts, trigger, given))
        return { view: subscribed(kept, acting), locationToken: kept.locationToken }
      })
    })

function readWanted({ options }: DeliveryParts, trigger: Trigger, given: Record<string, unknown>): Wanted {
  const { callbackUrl, ...rest } = readSubscription(trigger, given)
  const target = callbackUrl === undefined ? undefined : checkTarget(callbackUrl, options.targets)
  return { ...rest, trigger: trigger.id, happening: trigger.happening, target }
}

async function keep(parts: DeliveryParts, acting: Acting, me: Me, trigger: Trigger, wanted: Wanted): Promise<Kept> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const { account, source } = await accountAndSource(parts, acting, me, trigger.about.name)
      const ids = { account: account.id, source: source.id }
      const kept = (await keepSubscription(parts, ids, wanted, true)) ?? (await prepareAndKeep(parts, acting, ids, wanted))
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
  parts: DeliveryParts,
  acting: Acting,
  ids: { account: string; source: string },
  wanted: Wanted,
): Promise<Kept | undefined> {
  const read = (): Promise<Source | undefined> =>
    parts.store.db.selectFrom('sources').selectAll().where('id', '=', ids.source).executeTakeFirst()
  return withSource(parts, ids.source, async (lease) => {
    await keepAccountKey(parts, ids.account, acting)
    let source = await read()
    if (source && !isLookedAfter(source)) {
      await lookAfterWebhook(parts, source, { lease })
      source = await read()
    }
    // Only now: what happens in between is told by the webhook, where there is one.
    if (source && !hasBaseline(source, wanted.happening)) await prepareSource(parts, source, wanted.happening)
    mustHold(lease)
    return keepSubscription(parts, ids, wanted, false)
  })
}

const subscribed = ({ row, source, signingKey }: Kept, { connection }: Acting): Subscribed => ({
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
