import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DealResponseV2 } from '../../src/catalog/contract/shapes/deal.ts'
import { processInbox } from '../../src/delivery/process/process-inbox.ts'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000
/** Databases reject both: a NUL, and a lone surrogate. */
const ODD = 'NUL \0, half \ud83d, "quoted" \\ 木の椅子'

onEveryEngine('the payload text of an event', (newStore) => {
  let store: Store
  let fixture: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    fixture = await openSourceFixture(store, 'deal')
  })

  const texts = async () =>
    (await sql<{ text: string }>`select cast(payload as text) as text from events order by seq`.execute(store.db)).rows
  const pipedrive = async (method: string, path: string, body: Record<string, unknown>) => {
    const answer = await fixture.world.pipedrive(method, path, body)
    await fixture.webhooksArrived()
    return Number(answer['id'])
  }

  test('its fields have the order of the contract, and each change is listed once', async () => {
    await fixture.subscribe('won')
    const id = await pipedrive('POST', '/api/v2/deals', { title: 'Chairs' })
    await pipedrive('PATCH', `/api/v2/deals/${id}`, { status: 'won' })
    await processInbox(fixture.deps, await fixture.source(), HELD_LEASE)
    const payload = JSON.parse((await texts())[0]!.text) as { changed: string[] }
    expect(Object.keys(payload)).toEqual([...Object.keys(DealResponseV2.shape), 'changed', 'previous'])
    expect(payload.changed).toEqual(['status', 'active', 'close_time', 'won_time'])
  })

  test('any title is delivered, from a webhook or from a list', async () => {
    await initBaseline(fixture.deps, await fixture.source(), 'updated')
    await fixture.subscribe('added')
    await fixture.subscribe('updated')
    const id = await pipedrive('POST', '/api/v2/deals', { title: ODD })
    const reconcileNow = async () => {
      await store.db
        .updateTable('sources')
        .set({ reconcile_at: new Date(0) })
        .execute()
      await createSourceRunner(fixture.deps, () => 0)((await fixture.source()).id, HELD_LEASE)
    }
    fixture.world.clock.advance(MINUTE_MS)
    await reconcileNow()
    fixture.world.sandbox.behaviour.webhooks = 'none delivered'
    await pipedrive('PATCH', `/api/v2/deals/${id}`, { title: `${ODD}!` })
    fixture.world.clock.advance(MINUTE_MS)
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${id}`, `updated ${id}`])
    const [added, updated] = (await texts()).map(({ text }) => JSON.parse(text) as Record<string, unknown>)
    // Without what is not a valid character.
    const letters = ODD.replaceAll('\0', '').toWellFormed()
    expect(added).toMatchObject({ title: letters })
    expect(updated).toMatchObject({ title: `${letters}!`, previous: { title: letters } })
  })

  test('a value of another type than Pipedrive documents is null, in the webhook and in the record that is read', async () => {
    await fixture.subscribe('updated')
    const id = await pipedrive('POST', '/api/v2/deals', { title: 'Chairs' })
    await pipedrive('PATCH', `/api/v2/deals/${id}`, { value: 5 })
    const wrong = { title: { a: 1 }, currency: ['EUR'], stage_id: true, expected_close_date: 20_270_101, lost_reason: { b: 2 } }
    const bodies = (await fixture.takeInbox()).map((body) => ({ ...body, data: { ...(body['data'] as object), ...wrong } }))
    await fixture.putInbox(...bodies)
    fixture.world.intercept(async (_, pass) => {
      const response = await pass()
      const answer = (await response.json()) as { data: object }
      return Response.json({ ...answer, data: Array.isArray(answer.data) ? answer.data : { ...answer.data, ...wrong } })
    })
    await processInbox(fixture.deps, await fixture.source(), HELD_LEASE)
    fixture.world.intercept()
    const payload = JSON.parse((await texts())[0]!.text) as Record<string, unknown>
    expect(payload).toMatchObject({
      id,
      value: 5,
      title: null,
      currency: null,
      stage_id: null,
      expected_close_date: null,
      lost_reason: null,
    })
  })
})
