import { createAccounts, sealAccountKey } from '../../src/delivery/accounts.ts'
import type { DeliveryOptions, DeliveryDeps } from '../../src/delivery/deps.ts'
import { catalog } from '../../src/catalog/index.ts'
import type { Trigger } from '../../src/catalog/define.ts'
import { createConnections } from '../../src/connections/connections.ts'
import { parseKeyRing } from '../../src/kit/key-ring.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { noMetrics } from '../../src/kit/metrics.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createPipedriveClient } from '../../src/pipedrive/client.ts'
import { createFetchTransport } from '../../src/pipedrive/fetch-transport.ts'
import { createSpending } from '../../src/pipedrive/ledger.ts'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import type { Store } from '../../src/store/store.ts'
import { CONNECTOR, createWorld, testConfig, UPSTREAM, type World } from '../contract/world.ts'

/** A DeliveryWorld has the dependencies of delivery, beside a connector that stores Pipedrive's webhooks and does not process them. */
export interface DeliveryWorld {
  world: World
  deps: DeliveryDeps
  /** A test may change them at any time. */
  options: DeliveryOptions
  /** Inserts an account with this key and a source of this kind; returns the id of the source. Another principal with the same key is another account. */
  addSource(key: string, kind: 'deal' | 'activity', principal?: string): Promise<string>
}

let last = 0
const nextId = (): string => String(++last).padStart(32, '0')

export async function openDeliveryWorld(store: Store, behaviour: Partial<Behaviour> = {}): Promise<DeliveryWorld> {
  const world = await createWorld({ store, behaviour, config: { publicUrl: CONNECTOR, allowTargets: ['127.0.0.0/8'] } })
  const ring = parseKeyRing(testConfig.keys!)
  const { clock } = world
  const client = createPipedriveClient({
    transport: createFetchTransport((request) => world.passing(request)),
    upstream: UPSTREAM,
    clock,
    logger: silentLogger,
  })
  const connections = createConnections({ clock, upstream: UPSTREAM, store, ring })
  const spending = createSpending()
  const options: DeliveryOptions = {
    role: 'all',
    subscribers: 'any',
    targets: { hosts: 'any', allowed: ['127.0.0.0/8'] },
    reconcileTokens: 300,
    activities: 'mine',
    hookBase: () => CONNECTOR,
  }
  const deps: DeliveryDeps = {
    store,
    ring,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    client,
    connections,
    spending,
    triggers: catalog.filter((operation): operation is Trigger => operation.kind === 'trigger' && operation.instant !== undefined),
    options,
    accounts: createAccounts({ store, ring, client, connections, spending, logger: silentLogger }),
  }
  return {
    world,
    deps: deps,
    options,
    async addSource(key, kind, as) {
      const me = await world.pipedrive('GET', '/api/v1/users/me', undefined, key)
      const now = new Date(clock.now())
      const principal = as ?? `user ${String(me['id'])}`
      const account = {
        id: nextId(),
        principal,
        company_id: Number(me['company_id']),
        user_id: Number(me['id']),
        created_at: now,
      }
      await store.db
        .insertInto('accounts')
        .values({ ...account, connection_id: null, sealed_key: sealAccountKey(ring, account.id, new Secret(key)) })
        .onConflict((conflict) => conflict.column('principal').doNothing())
        .execute()
      const { id: accountId } = await store.db
        .selectFrom('accounts')
        .select('id')
        .where('principal', '=', principal)
        .executeTakeFirstOrThrow()
      const id = nextId()
      await store.db
        .insertInto('sources')
        .values({
          id,
          account_id: accountId,
          kind,
          mode: 'polling',
          mode_reason: null,
          webhook_id: null,
          check_at: now,
          watch: null,
          changed_since: null,
          deleted_since: null,
          reconcile_at: now,
          trouble: null,
          last_webhook_at: null,
          due_at: now,
          leased_until: null,
          created_at: now,
        })
        .execute()
      return id
    },
  }
}

/** Deletes the sources, subscriptions and events of earlier tests too. */
export const deleteAccounts = (store: Store): Promise<unknown> => store.db.deleteFrom('accounts').execute()
