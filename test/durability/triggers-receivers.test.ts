import { expect, test } from 'vitest'
import { expectAllOnce, outOfOrder, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import { HOUR_MS, openWorld } from './triggers-world.ts'

printTallies()

onBothEngines('instant triggers when the receiver or the clock fails', (engine) => {
  test('a receiver that is down for an hour gets all 1,000 deals when it is back', async () => {
    const world = await openWorld('receiver down for an hour', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.receiver.down()
    world.book.expect('added', await world.addDeals(1_000))
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await world.until('that the webhooks are sorted', async () => (await world.waiting()).inbox === 0, false)
      await world.pass(HOUR_MS / 12)
    }
    expect(world.receiver.requests).toEqual([])
    await world.receiver.up()
    expectAllOnce(await world.finish(), 0)
  })

  test('a receiver that answers 500 to every third request gets 250 new deals and three changes of each, in their order', async () => {
    const world = await openWorld('500 every third time', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    world.receiver.says((nth) => (nth % 3 === 0 ? 500 : 200))
    const titles = ['First', 'Second', 'Third', 'Fourth']
    const deals = await world.addDeals(250, { title: titles[0] })
    for (const title of titles.slice(1)) await world.change(deals, { title })
    world.book.expect('added', deals)
    world.book.expect('updated', deals, 3)
    expectAllOnce(await world.finish(), 0)

    const { requests } = world.receiver
    expect(requests.filter(({ taken }) => !taken).length).toBeGreaterThan(300)
    expect(outOfOrder(requests)).toEqual([])
    const taken = Map.groupBy(
      requests.filter((request) => request.taken && request.path === 'updated'),
      ({ record }) => record,
    )
    for (const id of deals)
      expect(
        taken.get(id)?.map(({ body }) => (body['previous'] as { title: string }).title),
        `deal ${id}`,
      ).toEqual(titles.slice(0, 3))
  })

  test('the clock jumps three hours ahead, five back and two ahead amid 1,000 deals', async () => {
    const world = await openWorld('clock jumps', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    for (const hours of [3, -5, 2, 0]) {
      const before = world.received()
      world.book.expect('added', await world.addDeals(250))
      await world.until('that a part has come', () => world.received() >= before + 100, false)
      await world.jump(hours * HOUR_MS)
    }
    expectAllOnce(await world.finish(), 0)
  })
})
