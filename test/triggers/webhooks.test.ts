import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ensureWebhook } from '../../src/delivery/reconcile/ensure-webhook.ts'
import { withSourceLease } from '../../src/delivery/queue/source-lease.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, BOB, CONNECTOR, type WebhookRequest } from '../contract/world.ts'
import { deleteAccounts, openDeliveryWorld, type DeliveryWorld } from './delivery-world.ts'

/** A request with the webhook that Pipedrive has sent, with changes. */
const resend = (
  { url, headers, body }: WebhookRequest,
  changes: { path?: string; headers?: Record<string, string>; body?: unknown } = {},
) =>
  new Request(changes.path ? CONNECTOR + changes.path : url, {
    method: 'POST',
    headers: { ...headers, ...changes.headers },
    body: changes.body === undefined ? body : JSON.stringify(changes.body),
  })

onEveryEngine('webhooks of Pipedrive', (newStore) => {
  let store: Store
  let fixture: DeliveryWorld
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    fixture = await openDeliveryWorld(store)
  })

  const inbox = () => store.db.selectFrom('inbox').selectAll().orderBy('id').execute()
  const source = (id: string) => store.db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const listed = (key = ALICE) => fixture.world.pipedrive('GET', '/api/v1/webhooks', undefined, key) as unknown as Promise<{ id: number }[]>
  const lease = { isHeld: () => true }
  const ensure = async (id: string, options?: { missed: boolean }) => ensureWebhook(fixture.deps, await source(id), { lease, ...options })

  test('a worker that has lost the lease of its source registers no second webhook', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    const lost = ensureWebhook(fixture.deps, await source(id), { lease: { isHeld: () => false } })
    await expect(lost).rejects.toMatchObject({ code: 'SourceBusy' })
    expect(await listed()).toEqual([])
    // During its call to Pipedrive, another process takes the lease of the source and registers a webhook.
    const making = withSourceLease(fixture.deps, id, async (lease) => {
      await store.db.updateTable('sources').set({ leased_by: 'another' }).where('id', '=', id).execute()
      await ensure(id)
      const now = performance.now()
      vi.spyOn(performance, 'now').mockReturnValue(now + 25_000)
      const again = ensureWebhook(fixture.deps, await source(id), { lease, missed: true })
      await expect(again).rejects.toMatchObject({ code: 'SourceBusy' })
      vi.restoreAllMocks()
    })
    await making
    expect(await listed()).toHaveLength(1)
    expect(await source(id)).toMatchObject({ leased_by: 'another' })
  })

  test('a webhook is registered once for a source, and its events are durable before they are acknowledged', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    expect(await ensure(id)).toMatchObject({ mode: 'webhook', reason: null, isNew: true })
    expect(await ensure(id)).toMatchObject({ mode: 'webhook', isNew: false })
    expect(await listed()).toHaveLength(1)
    await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs' })
    await fixture.world.sandbox.clock.settle()
    expect(await inbox()).toMatchObject([{ source_id: id, body: { data: { title: 'Chairs' }, meta: { action: 'create' } } }])
    expect(fixture.world.sandbox.webhooks().deliveries).toMatchObject([{ state: 'delivered' }])
  })

  test('parallel webhooks are all stored, each once, in few commits', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    await ensure(id)
    await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'One' })
    await fixture.world.sandbox.clock.settle()
    const [hook] = fixture.world.hooks
    const before = (await inbox()).length
    const answers = await Promise.all(Array.from({ length: 300 }, async () => fixture.world.fetch(resend(hook!), {})))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await inbox()).toHaveLength(before + 300)
  })

  test('a request that is forged, of another company or kind, too large or no webhook leaves nothing behind', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    await ensure(id)
    await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'One' })
    await fixture.world.sandbox.clock.settle()
    const hook = fixture.world.hooks[0]!
    const body = JSON.parse(hook.body) as { meta: Record<string, unknown>; data: Record<string, unknown> }
    const before = await inbox()
    const ask = async (request: Request) => (await fixture.world.fetch(request, {})).status
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
    const meta = (changes: object) => ({ body: { ...body, meta: { ...body.meta, ...changes } } })

    expect(await ask(resend(hook, { path: `/hooks/${'A'.repeat(43)}` }))).toBe(401)
    expect(await ask(resend(hook, { path: '/hooks/short' }))).toBe(401)
    const codeOf = async (request: Request) => ((await (await fixture.world.fetch(request, {})).json()) as { code: string }).code
    expect(await codeOf(resend(hook, { path: '/hooks/short' }))).toBe('HookRefused')
    expect(await codeOf(resend(hook, meta({ id: '' })))).toBe('HookBodyInvalid')
    expect(await ask(resend(hook, { headers: basic('dealbridge:wrong') }))).toBe(401)
    expect(await ask(resend(hook, { headers: { authorization: '' } }))).toBe(401)
    expect(await ask(resend(hook, meta({ company_id: '99' })))).toBe(400)
    expect(await ask(resend(hook, meta({ entity: 'person' })))).toBe(400)
    expect(await ask(resend(hook, meta({ version: '1.0' })))).toBe(400)
    expect(await ask(resend(hook, meta({ entity_id: '7' })))).toBe(400)
    expect(await ask(resend(hook, meta({ id: '' })))).toBe(400)
    expect(await ask(resend(hook, { body: { ...body, data: null } }))).toBe(400)
    expect(await ask(resend(hook, { body: { ...body, data: [] } }))).toBe(400)
    expect(await ask(resend(hook, { body: { meta: null } }))).toBe(400)
    expect(await ask(resend(hook, { body: { ...body, filler: 'x'.repeat(1_100_000) } }))).toBe(413)
    expect(await inbox()).toEqual(before)
  })

  test('with valid secrets, a body that cannot be stored is a 400, and an unusual body that can be stored is stored', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    await ensure(id)
    await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'One' })
    await fixture.world.sandbox.clock.settle()
    const hook = fixture.world.hooks[0]!
    const before = await inbox()
    const send = async (custom: string) => {
      const raw = hook.body.replace('"data":{', `"data":{"custom":${custom},`)
      expect(raw).not.toBe(hook.body)
      const { url, headers } = hook
      return fixture.world.fetch(new Request(url, { method: 'POST', headers, body: raw }), {})
    }
    const nested = (depth: number, [open, close] = ['{"a":', '}']) => open.repeat(depth) + '1' + close.repeat(depth)
    for (const custom of [nested(200), nested(20_000), nested(400_000, ['[', ']']), `[${'1,'.repeat(100_000)}1]`]) {
      const answer = await send(custom)
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'InvalidBody' })])
    }
    expect(await inbox()).toEqual(before)
    for (const custom of [
      nested(20),
      '"\\u0000\\ud800"',
      '{"__proto__":{"toString":1},"constructor":{"prototype":null},"\\u0000":1}',
      '1e400',
      `-${'9'.repeat(400)}`,
      `[${'1,'.repeat(10_000)}1]`,
    ])
      expect([custom.slice(0, 40), (await send(custom)).status]).toEqual([custom.slice(0, 40), 200])
    expect(await inbox()).toHaveLength(before.length + 6)
    expect(({} as { toString: unknown }).toString).toBeTypeOf('function')
  })

  test('the password of one webhook is refused for another', async () => {
    const [deals, activities] = [await fixture.addSource(ALICE, 'deal'), await fixture.addSource(ALICE, 'activity')]
    await ensure(deals)
    await ensure(activities)
    await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'One' })
    await fixture.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call' })
    await fixture.world.sandbox.clock.settle()
    const [deal, activity] = fixture.world.hooks
    const before = await inbox()
    const mixed = resend(deal!, { headers: { authorization: activity!.headers['authorization']! } })
    expect((await fixture.world.fetch(mixed, {})).status).toBe(401)
    expect(await inbox()).toEqual(before)
  })

  test('a webhook that was deleted in Pipedrive, or is silent, is registered again; the old one is removed', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    await ensure(id)
    const [{ id: first } = { id: 0 }] = await listed()
    await fixture.world.pipedrive('DELETE', `/api/v1/webhooks/${first}`).catch(() => undefined)
    expect(await ensure(id)).toMatchObject({ mode: 'webhook', isNew: true })
    const [second] = await listed()
    expect(second!.id).not.toBe(first)
    expect(await ensure(id, { missed: true })).toMatchObject({ mode: 'webhook', isNew: true })
    const [third, ...more] = await listed()
    expect(third!.id).not.toBe(second!.id)
    expect(more).toEqual([])
    expect((await source(id)).webhook_id).toBe(third!.id)
  })

  test('a changed public address moves the webhook', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    await ensure(id)
    fixture.options.hookBase = () => `${CONNECTOR}/moved`
    expect(await ensure(id)).toMatchObject({ isNew: true })
    expect(await listed()).toMatchObject([{ subscription_url: expect.stringContaining('/moved/hooks/') }])
  })

  test.each([403, 401] as const)(
    'a user who is not an administrator (%s) gets the reason why there is no webhook, and their key stays valid',
    async (status) => {
      fixture.world.sandbox.behaviour.webhooksForUsers = status
      const id = await fixture.addSource(BOB, 'deal')
      expect(await ensure(id)).toMatchObject({ mode: 'polling', reason: expect.stringContaining('administrators'), isNew: false })
      expect(
        await fixture.deps.accounts.use((await source(id)).account_id, 'test', ({ referenceData }) => referenceData.me()),
      ).toMatchObject({
        name: expect.any(String),
      })
    },
  )

  test('a temporary 401 does not stop the account of a subscription', async () => {
    const { account_id } = await source(await fixture.addSource(ALICE, 'deal'))
    fixture.world.sandbox.faults.add({ kind: 'status', status: 401, times: 1 })
    for (let uses = 0; uses < 2; uses++)
      expect(await fixture.deps.accounts.use(account_id, 'test', ({ pipedrive }) => pipedrive.users.me())).toMatchObject({
        name: expect.any(String),
      })
  })

  test('a webhook limit, an address that Pipedrive refuses, and no address have different reasons', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    fixture.options.hookBase = () => undefined
    expect(await ensure(id)).toMatchObject({ mode: 'polling', reason: expect.stringContaining('--public-url') })
    fixture.options.hookBase = () => 'https://api.pipedrive.com'
    expect(await ensure(id)).toMatchObject({ mode: 'polling', reason: expect.stringContaining('cannot reach api.pipedrive.com') })
    fixture.options.hookBase = () => CONNECTOR
    for (let made = 0; made < 40; made++)
      await fixture.world.pipedrive('POST', '/api/v1/webhooks', {
        subscription_url: 'https://elsewhere.test/x',
        event_action: '*',
        event_object: 'deal',
        name: 'x',
      })
    expect(await ensure(id)).toMatchObject({ mode: 'polling', reason: expect.stringContaining('40') })
  })

  test('a lost response leaves one webhook, which is found again', async () => {
    const id = await fixture.addSource(ALICE, 'deal')
    let lost = false
    fixture.world.intercept(async (request, pass) => {
      if (request.method !== 'POST' || !request.url.endsWith('/webhooks') || lost) return undefined
      lost = true
      await pass()
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    })
    expect(await ensure(id)).toMatchObject({ mode: 'webhook' })
    expect(lost).toBe(true)
    expect(await listed()).toHaveLength(1)
  })
})
