import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAccounts } from '../../src/delivery/accounts.ts'
import { loadSnapshots, saveSnapshots } from '../../src/delivery/process/snapshot-store.ts'
import { loadActiveSubscriptions } from '../../src/delivery/process/active-subscriptions.ts'
import { prepareSource } from '../../src/delivery/reconcile/prepare-source.ts'
import { reconcile } from '../../src/delivery/reconcile/reconcile.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { createPipedriveClient } from '../../src/pipedrive/client.ts'
import { createFetchTransport } from '../../src/pipedrive/fetch-transport.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { UPSTREAM } from '../contract/world.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000

onEveryEngine('sources at which several things happen at once', (newStore) => {
  let store: Store
  let desk: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    desk = await openSourceFixture(store, 'deal')
    await prepareSource(desk.deps, await desk.source(), 'updated')
    desk.world.sandbox.behaviour.webhooks = 'none delivered'
  })

  const add = async (values: Record<string, unknown> = {}) =>
    Number((await desk.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => desk.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const pass = async (ms = MINUTE_MS) => {
    desk.world.clock.advance(ms)
    await desk.webhooksArrived()
  }

  test('whoever subscribes after a round has begun, and before it reads, is told what its list shows', async () => {
    await desk.subscribe('updated')
    const id = await add()
    const source = await desk.source()
    const listeners = await loadActiveSubscriptions(store.db, source, desk.options)
    const late = await desk.subscribe('won')
    await pass()
    await change(id, { status: 'won' })
    await pass()
    await reconcile(desk.deps, source, listeners, HELD_LEASE)
    expect(await desk.eventNames()).toEqual([`updated ${id}`, `won ${id}`])
    expect((await desk.deliveries()).map(({ subscription_id: to }) => to)).toContain(late)
  })

  test('lists that were due by a clock that was set back hours are compared at once', async () => {
    await desk.subscribe('updated')
    const id = await add()
    await pass()
    await change(id, { title: 'Tables' })
    await pass()
    const now = desk.deps.clock.now()
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(now + 5 * 60 * MINUTE_MS), check_at: new Date(now + 5 * 60 * MINUTE_MS) })
      .execute()
    await createSourceRunner(desk.deps, () => 0)((await desk.source()).id, HELD_LEASE)
    expect(await desk.eventNames()).toEqual([`updated ${id}`])
  })

  test('a record that appears late is found although the clock of this server is hours ahead', async () => {
    const hidden = new Set<number>()
    const clock = { ...desk.world.clock, now: () => desk.world.clock.now() + 3 * 60 * MINUTE_MS }
    const transport = createFetchTransport(async (request) => {
      const response = await desk.world.passing(request)
      const body = (await response.json()) as { data: unknown }
      const shown = (row: { id: number }) => !hidden.has(row.id)
      const data: unknown = Array.isArray(body.data) ? (body.data as { id: number }[]).filter(shown) : body.data
      return Response.json({ ...body, data }, { status: response.status, headers: { date: response.headers.get('date') ?? '' } })
    })
    const client = createPipedriveClient({ transport, upstream: UPSTREAM, clock, logger: silentLogger })
    const parts = { ...desk.deps, clock, client, accounts: createAccounts({ ...desk.deps, client }) }
    await prepareSource(parts, await desk.source(), 'added')
    await desk.subscribe('added')
    const look = async () =>
      reconcile(parts, await desk.source(), await loadActiveSubscriptions(store.db, await desk.source(), desk.options), HELD_LEASE)
    const [late, next] = [await add(), await add()]
    hidden.add(late)
    await look()
    expect(await desk.eventNames()).toEqual([`added ${next}`])
    hidden.clear()
    await pass()
    await look()
    expect(await desk.eventNames()).toEqual([`added ${next}`, `added ${late}`])
  })

  test('a process that has slept over its lease does not make a record older than the next one knows it', async () => {
    const { id: source } = await desk.source()
    const at = (seconds: number, ms = 0) => new Date(Date.UTC(2026, 10, 22, 11, 0, seconds, ms))
    const save = (asOf: Date, toldAt: Date | null, title: string) =>
      saveSnapshots(store.db, source, [{ recordId: 7, asOf, toldAt, record: { title }, contentHash: null }])
    const known = async () => (await loadSnapshots(store.db, source, [7])).get(7)!.record['title']
    await save(at(5), at(5, 300), 'newer')
    await save(at(4), null, 'an older row')
    await save(at(5), at(5, 200), 'an earlier webhook')
    expect(await known()).toBe('newer')
    await save(at(5), null, 'the row of that second')
    expect(await known()).toBe('the row of that second')
    await save(at(5), at(5, 900), 'a webhook of that second')
    expect(await known()).toBe('the row of that second')
    await save(at(6), at(6, 100), 'later')
    expect(await known()).toBe('later')
  })
})
