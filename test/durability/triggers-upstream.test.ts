import { expect, test } from 'vitest'
import { expectAllOnce, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import { HOUR_MS, openWorld, type TriggersWorld } from './triggers-world.ts'

printTallies()

onBothEngines('instant triggers when Pipedrive does not tell', (engine) => {
  test('down for longer than Pipedrive tries: all 1,000 deals of that time come, and the next ones by webhook', async () => {
    const world = await openWorld('down beyond upstream retries', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.stop()
    world.ledger.expect('added', await world.addDeals(990))
    for (let minutes = 0; minutes < 60; minutes += 15) await world.advance(HOUR_MS / 4)
    await world.start()
    await world.until('that what was missed has come', () => world.received() >= 990, false)
    await tellsAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('a silent ban: what is lost in it is found, and the webhook is made anew', async () => {
    const world = await openWorld('banned upstream', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const [first] = (await world.sandbox.webhooks()).live
    // A gateway in between, and nobody behind it hears a word.
    world.gate.setRule(({ path }) => (path.includes('/hooks/') ? 'refuse' : 'pass'))
    world.ledger.expect('added', await world.addDeals(10))
    await world.until('that the webhook is banned', async () => (await world.sandbox.webhooks()).live[0]!.isBanned, false)
    world.gate.setRule(() => 'pass')
    world.ledger.expect('added', await world.addDeals(980))
    await world.until('that what was missed has come', () => world.received() >= 990)
    await isMadeAnew(world, first!.id)
    await tellsAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('a webhook that somebody deletes in Pipedrive: what is lost is found, and the webhook is made anew', async () => {
    const world = await openWorld('webhook deleted upstream', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const [first] = (await world.sandbox.webhooks()).live
    await world.sandbox.request([{ method: 'DELETE', path: `/api/v1/webhooks/${first!.id}` }])
    world.ledger.expect('added', await world.addDeals(990))
    await world.until('that what was missed has come', () => world.received() >= 990)
    await isMadeAnew(world, first!.id)
    await tellsAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('not one webhook is delivered: 700 new deals and 300 won ones are found all the same', async () => {
    const world = await openWorld('none delivered', engine)
    await world.start()
    const open = await world.addDeals(300)
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealWon', 'won')
    await world.sandbox.setBehaviour({ webhooks: 'none delivered' })
    await world.advance(HOUR_MS)
    world.ledger.expect('added', await world.addDeals(400))
    await world.change(open, { status: 'won' })
    world.ledger.expect('won', open)
    await world.until('that a part has come', () => world.received() >= 700)
    world.ledger.expect('added', await world.addDeals(300))
    expectAllOnce(await world.finish(), 0)
  })

  const isMadeAnew = (world: TriggersWorld, old: number) =>
    world.until('that there is another webhook', async () => {
      const { live } = await world.sandbox.webhooks()
      return live.length === 1 && live[0]!.id !== old && !live[0]!.isBanned
    })

  /** Without any look of ours: by webhook. */
  async function tellsAgain(world: TriggersWorld, count: number): Promise<void> {
    await world.idle()
    const before = await world.remainingWork()
    world.ledger.expect('added', await world.addDeals(count))
    await world.until('that webhooks come again', () => world.received() >= 990 + count)
    const after = await world.remainingWork()
    expect(after.events - before.events).toBe(count)
    expect(after.reconciled).toBe(before.reconciled)
  }
})
