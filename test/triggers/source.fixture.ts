import type { Lease } from '../../src/store/leases.ts'
import { NEVER, type Source, type Subscription } from '../../src/delivery/deps.ts'
import { ensureWebhook } from '../../src/delivery/reconcile/ensure-webhook.ts'
import type { Store } from '../../src/store/store.ts'
import { openDeliveryWorld, type DeliveryWorld } from './delivery-world.ts'

export const HELD_LEASE: Lease = { isHeld: () => true }

/** A SourceFixture is one source of one kind, with its subscriptions and events. */
export interface SourceFixture extends DeliveryWorld {
  source(): Promise<Source>
  /** Inserts a subscription; returns its id. */
  subscribe(happening: string, values?: Partial<Omit<Subscription, 'filters'>> & { filters?: Record<string, unknown> }): Promise<string>
  /** Waits until Pipedrive's webhooks are in the inbox. */
  webhooksArrived(): Promise<void>
  /** Returns the entries of the inbox, and deletes them. */
  takeInbox(): Promise<Record<string, unknown>[]>
  putInbox(...bodies: Record<string, unknown>[]): Promise<void>
  /** The recorded events, oldest first. */
  events(): Promise<{ happening: string; record_id: string; origin: string; absorbed: boolean; payload: Record<string, unknown> }[]>
  /** `happening id` of each event. */
  eventNames(): Promise<string[]>
  deliveries(): Promise<{ subscription_id: string; record_id: string; state: string }[]>
  /** The tokens spent since the last call of this method. */
  tokensSpent(): number
}

let last = 0

interface SourceOptions {
  key?: string
  /** Whether Pipedrive sends webhooks to it. */
  hook?: boolean
  /** The account's; by default the key's user. */
  principal?: string
}

export const openSourceFixture = async (store: Store, kind: 'deal' | 'activity', options: SourceOptions = {}): Promise<SourceFixture> =>
  addSourceFixture(await openDeliveryWorld(store), kind, options)

/** Adds a source to a world; several share it. */
export async function addSourceFixture(
  opened: DeliveryWorld,
  kind: 'deal' | 'activity',
  { key = 'sandbox-alice', hook = true, principal }: SourceOptions = {},
): Promise<SourceFixture> {
  const { deps, world } = opened
  const { store } = deps
  const id = await opened.addSource(key, kind, principal)
  const source = () => store.db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  if (hook) await ensureWebhook(deps, await source(), { lease: { isHeld: () => true } })
  const inbox = () => store.db.selectFrom('inbox').select(['id', 'body']).where('source_id', '=', id).orderBy('id').execute()
  const events = () =>
    store.db
      .selectFrom('events')
      .select(['happening', 'record_id', 'origin', 'absorbed', 'payload'])
      .where('source_id', '=', id)
      .orderBy('seq')
      .execute()
  const spent = () => deps.spending.all().reduce((sum, { tokens }) => sum + tokens, 0)
  let lastSpent = spent()
  return {
    ...opened,
    source,
    async subscribe(happening, { filters = {}, ...values } = {}) {
      const now = new Date(deps.clock.now())
      const name = `subscription-${++last}`
      await store.db
        .insertInto('subscriptions')
        .values({
          id: name,
          account_id: (await source()).account_id,
          source_id: id,
          trigger: 'TrigOfATest',
          happening,
          filters: JSON.stringify(filters),
          filters_hash: name,
          format: 'record',
          target_hash: name,
          target_hint: 'example.com',
          state: 'active',
          state_since: now,
          due_at: NEVER,
          created_at: now,
          ...values,
        })
        .execute()
      return name
    },
    webhooksArrived: () => world.sandbox.clock.settle(),
    async takeInbox() {
      const rows = await inbox()
      await store.db.deleteFrom('inbox').where('source_id', '=', id).execute()
      return rows.map(({ body }) => body)
    },
    async putInbox(...bodies) {
      const received = new Date(deps.clock.now())
      for (let at = 0; at < bodies.length; at += 500)
        await store.db
          .insertInto('inbox')
          .values(bodies.slice(at, at + 500).map((body) => ({ source_id: id, body: JSON.stringify(body), received_at: received })))
          .execute()
    },
    events,
    eventNames: async () => (await events()).map(({ happening, record_id: record }) => `${happening} ${record}`),
    deliveries: () => store.db.selectFrom('deliveries').select(['subscription_id', 'record_id', 'state']).orderBy('seq').execute(),
    tokensSpent() {
      const before = lastSpent
      lastSpent = spent()
      return lastSpent - before
    },
  }
}
