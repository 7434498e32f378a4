import { LRUCache } from 'lru-cache'
import { isForeignKeyViolation } from '../../connections/registry-deps.ts'
import { HookRefused } from '../errors/hook-refused.ts'
import type { DeliveryDeps } from '../deps.ts'
import { bringsPassword, hookHash, isHookToken } from './hook-secrets.ts'
import { checkBody } from './check-body.ts'
import type { Inbox } from './inbox.ts'

/** A ReceivedHook is a request that says to be a webhook of Pipedrive's. */
export interface IncomingWebhook {
  /** The last segment of its path. */
  token: string
  authorization: string | undefined
  /** Read only when address and password are right. */
  body(): Promise<Record<string, unknown>>
}

/** A Receiver takes webhooks. What it lets pass is durable when it returns. */
export interface WebhookIngest {
  /** Throws HookRefused (401), HookBodyInvalid (400), StoreUnavailable (503: Pipedrive sends it again). */
  receive(hook: IncomingWebhook): Promise<void>
}

interface RegisteredWebhook {
  sourceId: string
  passwordHash: string
  companyId: number
  kind: string
}

const KNOWN_MAX = 10_000
/** How long a webhook that was taken out of use still gets through; what it brings is no harm. */
const KNOWN_MS = 60_000
/** Compared with where there is nothing to compare with, so that both take the same time. */
const NOBODY = hookHash('')

export interface WebhookIngestDeps extends Pick<DeliveryDeps, 'store' | 'metrics'> {
  inbox: Inbox
  /** A webhook could not be looked up or kept; Pipedrive may give up sending it. */
  onMissed(): void
}

export function createWebhookIngest({ store, metrics, inbox, onMissed }: WebhookIngestDeps): WebhookIngest {
  const known = new LRUCache<string, RegisteredWebhook>({ max: KNOWN_MAX, ttl: KNOWN_MS })

  async function find(token: string): Promise<RegisteredWebhook | undefined> {
    if (!isHookToken(token)) return undefined
    const hash = hookHash(token)
    const found =
      known.get(hash) ??
      (await store.db
        .selectFrom('hooks as h')
        .innerJoin('sources as s', 's.id', 'h.source_id')
        .innerJoin('accounts as a', 'a.id', 's.account_id')
        .select(['s.id as sourceId', 's.kind', 'h.password_hash as passwordHash', 'a.company_id as companyId'])
        .where('h.token_hash', '=', hash)
        .executeTakeFirst())
    if (found) known.set(hash, found)
    return found
  }

  async function keep(token: string, { sourceId }: RegisteredWebhook, body: Record<string, unknown>): Promise<void> {
    try {
      await inbox.put(sourceId, body)
    } catch (error) {
      known.delete(hookHash(token))
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
        const right = bringsPassword(authorization, hook?.passwordHash ?? NOBODY)
        if (!hook || !right) throw new HookRefused()
        const given = await body()
        checkBody(given, hook)
        await keep(token, hook, given)
        metrics.webhook('received')
      } catch (error) {
        metrics.webhook('refused')
        throw error
      }
    },
  }
}
