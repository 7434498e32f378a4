import { expect, test } from 'vitest'
import { createRandom } from '../../sandbox/src/random.ts'
import { expectAllOnce, outOfOrder, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import type { ReceivedRequest } from './triggers-receiver.ts'
import { openWorld } from './triggers-world.ts'

/** Concurrent requests to one endpoint, for each of three subscriptions. */
const IN_FLIGHT = 3 * 8
const DEALS = 300
/** Fewer failed webhooks than Pipedrive needs for a ban: every change has its webhook. */
const WHILE_DOWN = 3
printTallies()

const CHANGES = {
  won: { body: { status: 'won' }, eventTypes: ['updated', 'won'], field: 'status' },
  moved: { body: { stage_id: 2 }, eventTypes: ['updated', 'moved'], field: 'stage_id' },
  updated: { body: { title: 'Changed' }, eventTypes: ['updated'], field: 'title' },
} as const
type Change = keyof typeof CHANGES

onBothEngines('instant triggers of changes', (engine) => {
  test('300 deals are won, moved and changed in any order, with kills and lost responses: 1,500 events, each once and in order', async () => {
    const dice = createRandom(20_261_122).next
    const world = await openWorld('won, moved, updated', engine)
    await world.start()
    const deals = await world.addDeals(DEALS, { stage_id: 1 })
    await world.subscribe('TrigDealUpdated', 'updated')
    await world.subscribe('TrigDealWon', 'won')
    await world.subscribe('TrigDealMoved', 'moved')
    let cuts = 0
    const isCut = () => dice() < 0.03
    world.receiver.respondWith(() => (isCut() ? (cuts++, 'cut') : 200))

    const orders = new Map(deals.map((id) => [id, Object.keys(CHANGES).toSorted(() => dice() - 0.5) as Change[]]))
    let kills = 0
    for (let round = 0; round < 3; round++) {
      const [late, rest] = [deals.slice(0, WHILE_DOWN), deals.slice(WHILE_DOWN)]
      const change = (ids: readonly number[]) =>
        world.sandbox.request(
          ids.map((id) => ({ method: 'PATCH', path: `/api/v2/deals/${id}`, body: CHANGES[orders.get(id)![round]!].body })),
        )
      for (const id of deals) for (const eventType of CHANGES[orders.get(id)![round]!].eventTypes) world.ledger.expect(eventType, [id])
      await change(rest)
      // Its webhooks are accepted, and hardly any is delivered.
      await world.until('the webhooks have arrived', async () => (await world.sandbox.webhooks()).pending === 0)
      await world.kill()
      kills++
      await change(late)
      await world.start()
      await world.until('the late webhooks have arrived', async () => (await world.sandbox.webhooks()).pending === 0)
    }
    expectAllOnce(await world.finish(), kills * IN_FLIGHT + cuts)
    expect(cuts).toBeGreaterThan(10)

    const { requests } = world.receiver
    expect(outOfOrder(requests)).toEqual([])
    for (const id of deals)
      expect(firstOf(requests, 'updated', id), `deal ${id}`).toEqual(orders.get(id)!.map((change) => CHANGES[change].field))
  })
})

/** The changed field of each event of one deal, in the order of their first deliveries. */
function firstOf(requests: readonly ReceivedRequest[], path: string, record: number): string[] {
  const known = new Set<string>()
  return requests.flatMap((request) => {
    if (request.path !== path || request.record !== record || known.has(request.id)) return []
    known.add(request.id)
    const changed = request.body['changed'] as string[]
    return [(['status', 'stage_id', 'title'] as const).find((field) => changed.includes(field)) ?? changed.join()]
  })
}
