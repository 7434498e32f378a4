import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import { createApp, type App } from '../../src/app.ts'
import { listen, type ForwardedDelivery } from '../../src/adapters/cli/subscriptions/listen.ts'
import { serveHttp, type RunningServer } from '../../src/adapters/http/serve-http.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import { serveSandbox, type ServedSandbox } from '../../sandbox/src/serve.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, testConfig, type Row } from '../contract/world.ts'

/** A Received is one request to the flow. */
interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: Row
}

/** Everything listens on local ports: the requests of the host go over the network. */
onEveryEngine('the lifecycle of a flow', (newStore) => {
  let store: Store
  let upstream: ServedSandbox
  let sandbox: ReturnType<typeof createSandbox>
  let app: App
  let server: RunningServer
  const received: Received[] = []
  let answers: number[] = []
  const flow = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Row })
      response.writeHead(answers.shift() ?? 202).end()
    })
  })
  let callback: string

  beforeAll(async () => {
    store = await newStore()
    flow.listen(0, '127.0.0.1')
    await once(flow, 'listening')
    callback = `http://127.0.0.1:${(flow.address() as AddressInfo).port}/flow?sig=a-signature-that-starts-the-flow`
    sandbox = createSandbox()
    upstream = await serveSandbox({ sandbox, port: 0 })
    const config = { ...testConfig, upstream: upstream.url, allowTargets: ['127.0.0.0/8'], callsPerMinute: 10_000 }
    app = await createApp(config, { store })
    server = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    await app.listening(server.url)
  })
  afterAll(async () => {
    app.drain()
    await server.close()
    await app.close()
    await upstream.close()
    flow.close()
    await store.close()
  })
  beforeEach(() => {
    received.length = 0
    answers = []
  })

  const subscribe = async (body: Row = {}) => {
    const response = await fetch(`${server.url}/subscriptions/TrigNewDealV2`, {
      method: 'POST',
      headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
      body: JSON.stringify({ callbackUrl: callback, ...body }),
    })
    const view = (await response.json()) as Row
    expect(response.status, JSON.stringify(view)).toBe(201)
    return { view, location: response.headers.get('location')! }
  }
  const end = async (location: string) => (await fetch(location, { method: 'DELETE' })).status
  const addDeal = async (title: string) => {
    const headers = { 'x-api-token': ALICE, 'content-type': 'application/json' }
    const response = await fetch(`${upstream.url}/api/v2/deals`, { method: 'POST', headers, body: JSON.stringify({ title }) })
    expect(response.ok).toBe(true)
  }
  const titles = () => received.map(({ body }) => body['title'])
  const arrived = (...expected: string[]) => eventually(() => expect(titles()).toEqual(expected))
  const hooks = () => sandbox.webhooks().webhooks.filter(({ is_deleted: gone }) => !gone)

  test('on, saved again, the older Location ended late, off: each event arrives once, and nothing is left behind', async () => {
    const first = await subscribe()
    expect(first.view).toMatchObject({ mode: 'webhook', state: 'active' })
    expect(hooks()).toHaveLength(1)
    await addDeal('One')
    await arrived('One')
    expect(received[0]).toMatchObject({
      path: '/flow?sig=a-signature-that-starts-the-flow',
      body: { title: 'One', user_id: { name: 'Alice Andersson' } },
    })
    expect(received[0]!.headers['webhook-id']).toMatch(/^[\w-]{16,}$/)

    const second = await subscribe()
    expect(second.view['id']).toBe(first.view['id'])
    await addDeal('Two')
    await arrived('One', 'Two')
    expect(await end(first.location)).toBe(204)
    await addDeal('Three')
    await arrived('One', 'Two', 'Three')

    expect(await end(second.location)).toBe(204)
    await addDeal('Four')
    await eventually(() => expect(hooks()).toEqual([]))
    await eventually(async () =>
      expect(await store.db.selectFrom('accounts').select('sealed_key').execute()).toEqual([{ sealed_key: null }]),
    )
    expect(titles()).toEqual(['One', 'Two', 'Three'])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  })

  test('a flow that was turned off and on gets the events from then on', async () => {
    await end((await subscribe()).location)
    await eventually(() => expect(hooks()).toEqual([]))
    await addDeal('While it was off')
    const { location } = await subscribe()
    await addDeal('Afterwards')
    await arrived('Afterwards')
    await end(location)
    await eventually(() => expect(hooks()).toEqual([]))
  })

  test('a flow that is permanently gone ends its subscription and its webhook', async () => {
    const { view } = await subscribe()
    answers = [410]
    await addDeal('Nobody')
    const id = String(view['id'])
    const state = () => store.db.selectFrom('subscriptions').select(['state', 'sealed_target']).where('id', '=', id).execute()
    await eventually(async () => expect(await state()).toEqual([{ state: 'ended', sealed_target: null }]))
    await eventually(() => expect(hooks()).toEqual([]))
    await eventually(async () =>
      expect(await store.db.selectFrom('accounts').select('sealed_key').execute()).toEqual([{ sealed_key: null }]),
    )
    expect(await state()).toHaveLength(1)
  })

  test('listen on a developer’s machine gets what a callback gets, and its subscription ends with it', async () => {
    const stop = new AbortController()
    const lines: ForwardedDelivery[] = []
    answers = [202]
    const begun = Promise.withResolvers<string>()
    const listening = listen({
      server: server.url,
      key: new Secret(ALICE),
      trigger: 'TrigNewDealV2',
      wanted: { format: 'cloudevents' },
      forwardTo: callback,
      stop: stop.signal,
      subscribed: ({ id }) => begun.resolve(id),
      forwarded: (line) => void lines.push(line),
      note: () => undefined,
    })
    const id = await Promise.race([begun.promise, listening.then(() => '')])
    await addDeal('One')
    await addDeal('Two')
    await eventually(() => expect(lines).toHaveLength(2))
    expect(received.map(({ headers, body }) => [headers['content-type'], body['type'], (body['data'] as Row)['title']])).toEqual([
      ['application/cloudevents+json; charset=utf-8', 'dealbridge.deal.added', 'One'],
      ['application/cloudevents+json; charset=utf-8', 'dealbridge.deal.added', 'Two'],
    ])
    expect(lines).toMatchObject([{ outcome: { status: 202 } }, { outcome: { status: 202 } }])
    const delivered = () => store.db.selectFrom('deliveries').select('state').where('subscription_id', '=', id).execute()
    await eventually(async () => expect(await delivered()).toEqual([{ state: 'delivered' }, { state: 'delivered' }]))
    stop.abort()
    await listening
    expect(await store.db.selectFrom('subscriptions').select('state').where('id', '=', id).execute()).toEqual([{ state: 'ended' }])
  })

  test('listen with a refused key fails with the reason', async () => {
    const nothing = () => undefined
    await expect(
      listen({
        server: server.url,
        key: new Secret('nobodys-key'),
        trigger: 'TrigNewDealV2',
        wanted: {},
        forwardTo: callback,
        stop: new AbortController().signal,
        subscribed: nothing,
        forwarded: nothing,
        note: nothing,
      }),
    ).rejects.toThrow(/Pipedrive refuses this API key/)
  })
})
