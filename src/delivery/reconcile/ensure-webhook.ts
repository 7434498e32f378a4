import { isLoopback } from '../../kit/is-loopback.ts'
import { Forbidden } from '../../pipedrive/errors/forbidden.ts'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import { Rejected } from '../../pipedrive/errors/rejected.ts'
import type { V1Webhook } from '../../pipedrive/api-types.ts'
import type { Lease } from '../../store/leases.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { assertHeld } from '../queue/source-lease.ts'
import { HOOK_PATH, HOOK_USER, hookHash, hookTokenOf, newHookSecret } from '../ingest/hook-secrets.ts'

/** A WebhookState is how a source detects events, and when its webhook is checked next. */
export interface WebhookState {
  mode: 'webhook' | 'polling'
  /** Why there is no webhook. */
  reason: string | null
  /** When to check again. */
  checkAt: Date
  /** The webhook was just registered: earlier events are found only in the lists. */
  isNew: boolean
}

/** 10 tokens a check. Between two checks a reconciliation that finds events without a webhook requests one. */
const CHECK_EVERY_MS = 24 * 3_600_000
/** An address that Pipedrive cannot reach may be reachable a moment later. */
const ATTEMPTS_MAX = 2

export const NO_PUBLIC_URL = 'this server has no public URL for webhooks (--public-url)'
const NOT_ADMIN = 'Pipedrive lets only administrators make webhooks, and the user of this connection is not an administrator'
const LIMIT = 'the user of this connection has as many webhooks as Pipedrive allows (40)'

/**
 * Ensures that Pipedrive has exactly one webhook for this source, at this server's address. Registers a new one if it is missing, inactive, or
 * (`missed`) registered but silent, as a banned one is. If Pipedrive registers none, the state contains the reason.
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
      ? { mode: 'polling' as const, reason: NO_PUBLIC_URL, checkAt, isNew: false }
      : await accounts.use(source.account_id, `webhook:${source.kind}`, async (account) => ({
          ...(await findOrRegister(deps, account, source, base, { missed, lease })),
          checkAt,
        }))
  await deps.store.db
    .updateTable('sources')
    .set({ mode: state.mode, mode_reason: state.reason, check_at: state.checkAt })
    .where('id', '=', source.id)
    .execute()
  return state
}

type RegistrationResult = Omit<WebhookState, 'checkAt'>

async function findOrRegister(
  deps: DeliveryDeps,
  account: OpenAccount,
  source: Source,
  base: string,
  { missed, lease }: { missed: boolean; lease: Lease },
): Promise<RegistrationResult> {
  try {
    const hashes = await hashesOf(deps, source)
    const registered = hashes.size === 0 ? [] : (await account.pipedrive.webhooks.list()).filter((hook) => isOurs(hook, hashes))
    const usable = missed ? [] : registered.filter((hook) => isUsable(hook, source, base))
    const current = usable.find(({ id }) => id === source.webhook_id) ?? usable[0]
    const id = current?.id ?? (await register(deps, account, source, base, lease))
    await saveWebhookId(deps, source, id, current && hashOf(current))
    for (const other of registered) if (other.id !== id) await remove(account, other.id)
    return { mode: 'webhook', reason: null, isNew: !current }
  } catch (error) {
    return { mode: 'polling', reason: reasonOf(error, base), isNew: false }
  }
}

const hashOf = (hook: V1Webhook): string | undefined => {
  const token = hookTokenOf(hook.subscription_url ?? '')
  return token === undefined ? undefined : hookHash(token)
}
const isOurs = (hook: V1Webhook, hashes: ReadonlySet<string>): boolean => hashes.has(hashOf(hook) ?? '')
const isUsable = (hook: V1Webhook, { kind }: Source, base: string): boolean =>
  hook.is_active !== 0 &&
  hook.event_object === kind &&
  hook.event_action === '*' &&
  hook.subscription_url?.startsWith(`${base}${HOOK_PATH}/`) === true

async function hashesOf({ store }: DeliveryDeps, { id }: Source): Promise<Set<string>> {
  const rows = await store.db.selectFrom('hooks').select('token_hash').where('source_id', '=', id).execute()
  return new Set(rows.map(({ token_hash: hash }) => hash))
}

/** The secrets are stored before Pipedrive receives them: the first webhook may arrive before the response. */
async function register(
  { store, clock }: DeliveryDeps,
  { pipedrive }: OpenAccount,
  source: Source,
  base: string,
  lease: Lease,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    // A process that has the source by now registers one, too.
    assertHeld(lease)
    const [token, password] = [newHookSecret(), newHookSecret()]
    const row = { token_hash: hookHash(token), source_id: source.id, password_hash: hookHash(password), webhook_id: null }
    await store.db
      .insertInto('hooks')
      .values({ ...row, created_at: new Date(clock.now()) })
      .execute()
    try {
      const created = await pipedrive.webhooks.create({
        subscription_url: `${base}${HOOK_PATH}/${token}`,
        event_action: '*',
        event_object: source.kind,
        name: `Dealbridge: ${source.kind}`,
        version: '2.0',
        http_auth_user: HOOK_USER,
        http_auth_password: password,
      })
      await store.db.updateTable('hooks').set({ webhook_id: created.id }).where('token_hash', '=', row.token_hash).execute()
      return created.id
    } catch (error) {
      // It may be registered; its secret identifies it.
      if (error instanceof OutcomeUnknown) {
        const lost = (await pipedrive.webhooks.list()).find((hook) => hashOf(hook) === row.token_hash)
        if (lost) return lost.id
      } else await store.db.deleteFrom('hooks').where('token_hash', '=', row.token_hash).execute()
      if (attempt >= ATTEMPTS_MAX || !(error instanceof OutcomeUnknown || isUnreachable(error))) throw error
    }
  }
}

/** The hooks of older webhooks stay: deliveries that Pipedrive has started still arrive through them. */
async function saveWebhookId(
  { store }: DeliveryDeps,
  { id: sourceId }: Source,
  webhookId: number,
  hash: string | undefined,
): Promise<void> {
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

/** The reason for the operator. Throws errors that say nothing about the webhook. */
function reasonOf(error: unknown, base: string): string {
  if (error instanceof Forbidden) return NOT_ADMIN
  if (isUnreachable(error)) return `Pipedrive cannot reach ${addressOf(base)} (--public-url)`
  if (error instanceof Rejected) return LIMIT
  throw error
}

const addressOf = (base: string): string => {
  const { host, hostname } = new URL(base)
  return isLoopback(hostname) ? `${host}, which is an address of this machine` : host
}

/** Removes the webhooks of a source from Pipedrive. */
export async function removeWebhooks(deps: DeliveryDeps, account: OpenAccount, source: Source): Promise<void> {
  const hashes = await hashesOf(deps, source)
  if (hashes.size === 0) return
  for (const hook of await account.pipedrive.webhooks.list()) if (isOurs(hook, hashes)) await remove(account, hook.id)
}
