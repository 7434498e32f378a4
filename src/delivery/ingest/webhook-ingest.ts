import { LRUCache } from 'lru-cache'
import { isForeignKeyViolation } from '../../connections/registry-deps.ts'
import { HookRefused } from '../errors/hook-refused.ts'
import type { DeliveryDeps } from '../deps.ts'
import { hasPassword, hookHash, isHookToken } from './hook-secrets.ts'
import { checkBody } from './check-webhook-body.ts'
import type { Inbox } from './inbox.ts'

/** An IncomingWebhook is a request to a webhook's address, not authenticated yet. */
export interface IncomingWebhook {
  /** The last segment of its path. */
  token: string
  authorization: string | undefined
  /** Read only if address and password are right. */
  body(): Promise<Record<string, unknown>>
}

/** A WebhookIngest verifies Pipedrive's webhooks and stores them. An accepted webhook is durable when `receive` resolves. */
export interface WebhookIngest {
  /** Throws HookRefused (401), HookBodyInvalid (400), StoreUnavailable (503: Pipedrive sends it again). */
  receive(hook: IncomingWebhook): Promise<void>
}

/** A RegisteredWebhook is a row of `hooks`, with its source. */
interface RegisteredWebhook {
  sourceId: string
  passwordHash: string
  companyId: number
  kind: string
}

const CACHED_MAX = 10_000
/** How long a removed webhook is still accepted, which does no harm. */
const CACHE_MS = 60_000
/** Compared if the token is unknown, so that both cases take the same time. */
const UNKNOWN_TOKEN_HASH = hookHash('')

export interface WebhookIngestDeps extends Pick<DeliveryDeps, 'store' | 'metrics'> {
  inbox: Inbox
  /** A webhook could not be looked up or stored; Pipedrive may stop sending it. */
  onMissed(): void
}

export function createWebhookIngest({ store, metrics, inbox, onMissed }: WebhookIngestDeps): WebhookIngest {
  const cache = new LRUCache<string, RegisteredWebhook>({ max: CACHED_MAX, ttl: CACHE_MS })

  async function find(token: string): Promise<RegisteredWebhook | undefined> {
    if (!isHookToken(token)) return undefined
    const hash = hookHash(token)
    const registered =
      cache.get(hash) ??
      (await store.db
        .selectFrom('hooks as h')
        .innerJoin('sources as s', 's.id', 'h.source_id')
        .innerJoin('accounts as a', 'a.id', 's.account_id')
        .select(['s.id as sourceId', 's.kind', 'h.password_hash as passwordHash', 'a.company_id as companyId'])
        .where('h.token_hash', '=', hash)
        .executeTakeFirst())
    if (registered) cache.set(hash, registered)
    return registered
  }

  async function save(token: string, { sourceId }: RegisteredWebhook, body: Record<string, unknown>): Promise<void> {
    try {
      await inbox.put(sourceId, body)
    } catch (error) {
      cache.delete(hookHash(token))
      if (isForeignKeyViolation(error)) throw new HookRefused()
      onMissed()
      throw error
    }
  }

  return {
    async receive({ token, authorization, body }) {
      try {
        const hook = await find(token).catch((error: unknown) => {
          onMissed()
          throw error
        })
        const isAuthentic = hasPassword(authorization, hook?.passwordHash ?? UNKNOWN_TOKEN_HASH)
        if (!hook || !isAuthentic) throw new HookRefused()
        const content = await body()
        checkBody(content, hook)
        await save(token, hook, content)
        metrics.webhook('received')
      } catch (error) {
        metrics.webhook('refused')
        throw error
      }
    },
  }
}
