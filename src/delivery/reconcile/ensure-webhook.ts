import { isLoopback } from '../../kit/is-loopback.ts'
import { Forbidden } from '../../pipedrive/errors/forbidden.ts'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import { Rejected } from '../../pipedrive/errors/rejected.ts'
import type { V1Webhook } from '../../pipedrive/api-types.ts'
import type { Lease } from '../../store/leases.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { mustHold } from '../queue/source-lease.ts'
import { HOOK_PATH, HOOK_USER, hookHash, hookTokenOf, newHookSecret } from '../ingest/hook-secrets.ts'

/** A WebhookState is how a source gets to know of events, and since when. */
export interface WebhookState {
  mode: 'webhook' | 'polling'
  /** Why there is no webhook. */
  reason: string | null
  /** When to look again. */
  checkAt: Date
  /** The webhook is a new one: what happened before it must be looked for. */
  made: boolean
}

/** 10 tokens a look. Between two looks a reconciliation that finds what no webhook told asks for one. */
const CHECK_EVERY_MS = 24 * 3_600_000
/** An address that Pipedrive could not reach may be reachable in a moment: it is asked twice before it is believed. */
const ONE_MORE = 2

export const NO_PUBLIC_URL = 'this server has no public URL for webhooks (--public-url)'
const NOT_ADMIN = 'Pipedrive lets only administrators make webhooks, and the user of this connection is none'
const LIMIT = 'the user of this connection has as many webhooks as Pipedrive allows (40)'

/**
 * Sees to it that Pipedrive has exactly one webhook for this source, at this server's address: makes it, finds it again, makes it anew when it
 * is gone, was switched off, or (`missed`) is there and yet says nothing, as a banned one does. Where none can be had the state says why.
 */
export async function ensureWebhook(
  deps: DeliveryDeps,
  source: Source,
  { missed = false, lease }: { missed?: boolean; lease: Lease },
): Promise<WebhookState> {
  const { accounts, options, clock } = deps
  const base = options.hookBase()
  const checkAt = new Date(clock.now() + CHECK_EVERY_MS)
  const state =
    base === undefined
      ? { mode: 'polling' as const, reason: NO_PUBLIC_URL, checkAt, made: false }
      : await accounts.use(source.account_id, `webhook:${source.kind}`, async (account) => ({
          ...(await onlyWebhook(deps, account, source, base, { missed, lease })),
          checkAt,
        }))
  await deps.store.db
    .updateTable('sources')
    .set({ mode: state.mode, mode_reason: state.reason, check_at: state.checkAt })
    .where('id', '=', source.id)
    .execute()
  return state
}

type FoundWebhook = Omit<WebhookState, 'checkAt'>

async function onlyWebhook(
  deps: DeliveryDeps,
  account: OpenAccount,
  source: Source,
  base: string,
  { missed, lease }: { missed: boolean; lease: Lease },
): Promise<FoundWebhook> {
  try {
    const hashes = await hashesOf(deps, source)
    const ours = hashes.size === 0 ? [] : (await account.pipedrive.webhooks.list()).filter((hook) => isOurs(hook, hashes))
    const good = missed ? [] : ours.filter((hook) => isGood(hook, source, base))
    const kept = good.find(({ id }) => id === source.webhook_id) ?? good[0]
    const id = kept?.id ?? (await make(deps, account, source, base, lease))
    await keepOnly(deps, source, id, kept && hashOf(kept))
    for (const other of ours) if (other.id !== id) await remove(account, other.id)
    return { mode: 'webhook', reason: null, made: !kept }
  } catch (error) {
    return { mode: 'polling', reason: whyNot(error, base), made: false }
  }
}

const hashOf = (hook: V1Webhook): string | undefined => {
  const token = hookTokenOf(hook.subscription_url)
  return token === undefined ? undefined : hookHash(token)
}
const isOurs = (hook: V1Webhook, hashes: ReadonlySet<string>): boolean => hashes.has(hashOf(hook) ?? '')
const isGood = (hook: V1Webhook, { kind }: Source, base: string): boolean =>
  hook.is_active !== 0 &&
  hook.event_object === kind &&
  hook.event_action === '*' &&
  hook.subscription_url.startsWith(`${base}${HOOK_PATH}/`)

async function hashesOf({ store }: DeliveryDeps, { id }: Source): Promise<Set<string>> {
  const rows = await store.db.selectFrom('hooks').select('token_hash').where('source_id', '=', id).execute()
  return new Set(rows.map(({ token_hash: hash }) => hash))
}

/** Its secrets are known here before Pipedrive has them: the first event may come before the answer. */
async function make(
  { store, clock }: DeliveryDeps,
  { pipedrive }: OpenAccount,
  source: Source,
  base: string,
  lease: Lease,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    // Whoever has the source by now makes one, too.
    mustHold(lease)
    const [token, password] = [newHookSecret(), newHookSecret()]
    const row = { token_hash: hookHash(token), source_id: source.id, password_hash: hookHash(password), webhook_id: null }
    await store.db
      .insertInto('hooks')
      .values({ ...row, created_at: new Date(clock.now()) })
      .execute()
    try {
      const made = await pipedrive.webhooks.create({
        subscription_url: `${base}${HOOK_PATH}/${token}`,
        event_action: '*',
        event_object: source.kind,
        name: `Dealbridge: ${source.kind}`,
        version: '2.0',
        http_auth_user: HOOK_USER,
        http_auth_password: password,
      })
      await store.db.updateTable('hooks').set({ webhook_id: made.id }).where('token_hash', '=', row.token_hash).execute()
      return made.id
    } catch (error) {
      // It may be there: found by its secret, it is the one.
      if (error instanceof OutcomeUnknown) {
        const lost = (await pipedrive.webhooks.list()).find((hook) => hashOf(hook) === row.token_hash)
        if (lost) return lost.id
      } else await store.db.deleteFrom('hooks').where('token_hash', '=', row.token_hash).execute()
      if (attempt >= ONE_MORE || !(error instanceof OutcomeUnknown || isUnreachable(error))) throw error
    }
  }
}

/** Older ones still bring what was on its way, until they are removed upstream; then nobody may use them. */
async function keepOnly({ store }: DeliveryDeps, { id: sourceId }: Source, webhookId: number, hash: string | undefined): Promise<void> {
  await store.transaction(async (trx) => {
    await trx.updateTable('sources').set({ webhook_id: webhookId }).where('id', '=', sourceId).execute()
    if (hash !== undefined) await trx.updateTable('hooks').set({ webhook_id: webhookId }).where('token_hash', '=', hash).execute()
  })
}

async function remove({ pipedrive }: OpenAccount, id: number): Promise<void> {
  try {
    await pipedrive.webhooks.delete(id)
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
  }
}

const isUnreachable = (error: unknown): error is Rejected => error instanceof Rejected && error.message.includes('subscription_url')

/** Words for people, or the error itself where it is no answer to the question. */
function whyNot(error: unknown, base: string): string {
  if (error instanceof Forbidden) return NOT_ADMIN
  if (isUnreachable(error)) return `Pipedrive cannot reach ${addressOf(base)} (--public-url)`
  if (error instanceof Rejected) return LIMIT
  throw error
}

const addressOf = (base: string): string => {
  const { host, hostname } = new URL(base)
  return isLoopback(hostname) ? `${host}, which is an address of this machine` : host
}

/** Takes the webhooks of a source out of Pipedrive: nobody wants to know any more. */
export async function removeWebhooks(deps: DeliveryDeps, account: OpenAccount, source: Source): Promise<void> {
  const hashes = await hashesOf(deps, source)
  if (hashes.size === 0) return
  for (const hook of await account.pipedrive.webhooks.list()) if (isOurs(hook, hashes)) await remove(account, hook.id)
}
