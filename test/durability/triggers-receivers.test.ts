import { expect, test } from 'vitest'
import { expectAllOnce, outOfOrder, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import { HOUR_MS, openWorld } from './triggers-world.ts'

printTallies()

onBothEngines('instant triggers when the receiver or the clock fails', (engine) => {
  test('an endpoint that is down for an hour receives all 1,000 deals when it is back', async () => {
    const world = await openWorld('receiver down for an hour', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.receiver.stopListening()
    world.ledger.expect('added', await world.addDeals(1_000))
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await world.until('the webhooks are processed', async () => (await world.remainingWork()).inbox === 0, false)
      await world.advance(HOUR_MS / 12)
    }
    expect(world.receiver.requests).toEqual([])
    await world.receiver.startListening()
    expectAllOnce(await world.finish(), 0)
  })

  test('an endpoint that returns 500 to every third request receives 250 new deals and three changes of each, in order', async () => {
    const world = await openWorld('500 every third time', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    world.receiver.respondWith((nth) => (nth % 3 === 0 ? 500 : 200))
    const titles = ['First', 'Second', 'Third', 'Fourth']
    const deals = await world.addDeals(250, { title: titles[0] })
    for (const title of titles.slice(1)) await world.change(deals, { title })
    world.ledger.expect('added', deals)
    world.ledger.expect('updated', deals, 3)
    expectAllOnce(await world.finish(), 0)

    const { requests } = world.receiver
    expect(requests.filter(({ accepted }) => !accepted).length).toBeGreaterThan(300)
    expect(outOfOrder(requests)).toEqual([])
    const accepted = Map.groupBy(
      requests.filter((request) => request.accepted && request.path === 'updated'),
      ({ record }) => record,
    )
    for (const id of deals)
      expect(
        accepted.get(id)?.map(({ body }) => (body['previous'] as { title: string }).title),
        `deal ${id}`,
      ).toEqual(titles.slice(0, 3))
  })

  test('the clock jumps three hours ahead, five back and two ahead during 1,000 deals', async () => {
    const world = await openWorld('clock jumps', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    for (const hours of [3, -5, 2, 0]) {
      const before = world.received()
      world.ledger.expect('added', await world.addDeals(250))
      await world.until('a part has arrived', () => world.received() >= before + 100, false)
      await world.advanceConnector(hours * HOUR_MS)
    }
    expectAllOnce(await world.finish(), 0)
  })
})
