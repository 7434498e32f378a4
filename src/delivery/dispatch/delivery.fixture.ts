import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { manualClock, type ManualClock } from '../../kit/clock.ts'
import { parseKeyRing } from '../../kit/key-ring.ts'
import { silentLogger } from '../../kit/logger.ts'
import { noMetrics } from '../../kit/metrics.ts'
import { Secret } from '../../kit/secret.ts'
import type { Store } from '../../store/store.ts'
import { NEVER, type DeliveryOptions, type DeliveryDeps, type Subscription } from '../deps.ts'
import { sealTarget } from './targets/endpoint-secrets.ts'

/** An EndpointRequest is one request that an endpoint got. */
export interface EndpointRequest {
  id: string
  body: string
  headers: IncomingMessage['headers']
}

/** An EndpointReply is the response of an endpoint. */
export interface EndpointReply {
  status: number
  body?: string
  headers?: Record<string, string>
}

/** A TestEndpoint is an endpoint: a real server on the loopback interface. */
export interface TestEndpoint {
  url: string
  requests: EndpointRequest[]
  /** Sets the response to all further requests. */
  respond(how: (call: EndpointRequest) => EndpointReply | Promise<EndpointReply>): void
  close(): Promise<void>
}

export async function startEndpoint(): Promise<TestEndpoint> {
  const calls: EndpointRequest[] = []
  let how: (call: EndpointRequest) => EndpointReply | Promise<EndpointReply> = () => ({ status: 202 })
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const call = { id: String(request.headers['webhook-id']), body, headers: request.headers }
      calls.push(call)
      void Promise.resolve(how(call)).then(({ status, body: text = '', headers = {} }) => response.writeHead(status, headers).end(text))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/flow?sig=0123456789abcdef`,
    requests: calls,
    respond: (next) => void (how = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A DeliveryFixture is a store with a source, its subscriptions, and their deliveries. */
export interface DeliveryFixture {
  deps: Pick<DeliveryDeps, 'store' | 'ring' | 'clock' | 'logger' | 'metrics' | 'options'>
  clock: ManualClock
  subscribe(url: string, values?: Partial<Subscription>): Promise<string>
  /** Records an event and a delivery of it; returns the delivery's id. */
  addDelivery(subscriptionId: string, recordId: number, payload?: Record<string, unknown>): Promise<string>
  subscription(id: string): Promise<Subscription>
  delivery(id: string): Promise<{ state: string; attempts: number; next_at: Date; last_status: number | null; last_reason: string | null }>
}

const SOURCE = 'source'
let last = 0
const nextId = (): string => String(++last).padStart(32, '0')

export async function openDeliveryFixture(store: Store): Promise<DeliveryFixture> {
  await store.db.deleteFrom('accounts').execute()
  const clock = manualClock()
  const ring = parseKeyRing(`main:${Buffer.alloc(32, 7).toString('base64')}`)
  const now = new Date(clock.now())
  const options: DeliveryOptions = {
    role: 'all',
    subscribers: 'any',
    targets: { hosts: 'any', allowed: ['127.0.0.0/8'] },
    reconcileTokens: 300,
    activities: 'mine',
    hookBase: () => undefined,
  }
  const account = { id: 'account', principal: 'someone', company_id: 1, user_id: 1, created_at: now }
  await store.db.insertInto('accounts').values(account).execute()
  const times = { check_at: now, reconcile_at: now, created_at: now, due_at: NEVER }
  await store.db
    .insertInto('sources')
    .values({ id: SOURCE, account_id: account.id, kind: 'deal', mode: 'polling', ...times })
    .execute()
  return {
    deps: { store, ring, clock, logger: silentLogger, metrics: noMetrics, options },
    clock,
    async subscribe(url, values = {}) {
      const id = nextId()
      const at = new Date(clock.now())
      await store.db
        .insertInto('subscriptions')
        .values({
          id,
          account_id: account.id,
          source_id: SOURCE,
          trigger: 'TrigNewDealV2',
          happening: 'added',
          filters_hash: '',
          format: 'record',
          target_hash: id,
          sealed_target: sealTarget(ring, id, new Secret(url)),
          target_hint: '127.0.0.1',
          state: 'active',
          state_since: at,
          due_at: at,
          created_at: at,
          ...values,
          filters: '{}',
        })
        .execute()
      return id
    },
    async addDelivery(subscriptionId, recordId, payload = { id: recordId }) {
      const id = nextId()
      const at = new Date(clock.now())
      const event = { id: `event-${id}`, source_id: SOURCE, record_id: String(recordId), happening: 'added', identity: id, created_at: at }
      await store.transaction(async (trx) => {
        const { seq } = await trx
          .insertInto('events')
          .values({ ...event, origin: 'webhook', payload: JSON.stringify(payload) })
          .returning('seq')
          .executeTakeFirstOrThrow()
        const row = { id, subscription_id: subscriptionId, event_seq: seq, record_id: String(recordId), next_at: at, created_at: at }
        await trx
          .insertInto('deliveries')
          .values({ ...row, state: 'pending' })
          .execute()
        await trx
          .updateTable('subscriptions')
          .set({ due_at: sql<Date>`least(due_at, ${at})` })
          .where('id', '=', subscriptionId)
          .execute()
      })
      return id
    },
    subscription: (id) => store.db.selectFrom('subscriptions').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    delivery: (id) =>
      store.db
        .selectFrom('deliveries')
        .select(['state', 'attempts', 'next_at', 'last_status', 'last_reason'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
  }
}
