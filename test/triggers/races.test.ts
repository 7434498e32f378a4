import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAccounts } from '../../src/delivery/accounts.ts'
import { loadSnapshots, saveSnapshots } from '../../src/delivery/process/snapshot-store.ts'
import { loadActiveSubscriptions } from '../../src/delivery/process/active-subscriptions.ts'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
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

onEveryEngine('concurrent work on a source', (newStore) => {
  let store: Store
  let fixture: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    fixture = await openSourceFixture(store, 'deal')
    await initBaseline(fixture.deps, await fixture.source(), 'updated')
    fixture.world.sandbox.behaviour.webhooks = 'none delivered'
  })

  const add = async (values: Record<string, unknown> = {}) =>
    Number((await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => fixture.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const advance = async (ms = MINUTE_MS) => {
    fixture.world.clock.advance(ms)
    await fixture.webhooksArrived()
  }

  test('a subscription made after a reconciliation has started, and before it reads, gets its findings', async () => {
    await fixture.subscribe('updated')
    const id = await add()
    const source = await fixture.source()
    const subscriptions = await loadActiveSubscriptions(store.db, source, fixture.options)
    const late = await fixture.subscribe('won')
    await advance()
    await change(id, { status: 'won' })
    await advance()
    await reconcile(fixture.deps, source, subscriptions, HELD_LEASE)
    expect(await fixture.eventNames()).toEqual([`updated ${id}`, `won ${id}`])
    expect((await fixture.deliveries()).map(({ subscription_id: to }) => to)).toContain(late)
  })

  test('lists that were due by a clock that was set back for hours are compared at once', async () => {
    await fixture.subscribe('updated')
    const id = await add()
    await advance()
    await change(id, { title: 'Tables' })
    await advance()
    const now = fixture.deps.clock.now()
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(now + 5 * 60 * MINUTE_MS), check_at: new Date(now + 5 * 60 * MINUTE_MS) })
      .execute()
    await createSourceRunner(fixture.deps, () => 0)((await fixture.source()).id, HELD_LEASE)
    expect(await fixture.eventNames()).toEqual([`updated ${id}`])
  })

  test('a record that appears late is found even if the clock of this server is hours ahead', async () => {
    const hidden = new Set<number>()
    const clock = { ...fixture.world.clock, now: () => fixture.world.clock.now() + 3 * 60 * MINUTE_MS }
    const transport = createFetchTransport(async (request) => {
      const response = await fixture.world.passing(request)
      const body = (await response.json()) as { data: unknown }
      const shown = (row: { id: number }) => !hidden.has(row.id)
      const data: unknown = Array.isArray(body.data) ? (body.data as { id: number }[]).filter(shown) : body.data
      return Response.json({ ...body, data }, { status: response.status, headers: { date: response.headers.get('date') ?? '' } })
    })
    const client = createPipedriveClient({ transport, upstream: UPSTREAM, clock, logger: silentLogger })
    const deps = { ...fixture.deps, clock, client, accounts: createAccounts({ ...fixture.deps, client }) }
    await initBaseline(deps, await fixture.source(), 'added')
    await fixture.subscribe('added')
    const reconcileNow = async () =>
      reconcile(deps, await fixture.source(), await loadActiveSubscriptions(store.db, await fixture.source(), fixture.options), HELD_LEASE)
    const [late, next] = [await add(), await add()]
    hidden.add(late)
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${next}`])
    hidden.clear()
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${next}`, `added ${late}`])
  })

  test('a process that has lost its lease does not overwrite a newer snapshot with an older one', async () => {
    const { id: source } = await fixture.source()
    const at = (seconds: number, ms = 0) => new Date(Date.UTC(2026, 10, 22, 11, 0, seconds, ms))
    const save = (stateAt: Date, webhookAt: Date | null, title: string) =>
      saveSnapshots(store.db, source, [{ recordId: 7, stateAt, webhookAt, record: { title }, contentHash: null }])
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
