import { expect, test } from 'vitest'
import { expectAllOnce, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import { HOUR_MS, openWorld, type TriggersWorld } from './triggers-world.ts'

printTallies()

onBothEngines('instant triggers when Pipedrive sends no webhooks', (engine) => {
  test('down for longer than Pipedrive retries: all 1,000 deals of that time arrive, and the next ones by webhook', async () => {
    const world = await openWorld('down beyond upstream retries', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.stop()
    world.ledger.expect('added', await world.addDeals(990))
    for (let minutes = 0; minutes < 60; minutes += 15) await world.advance(HOUR_MS / 4)
    await world.start()
    await world.until('the missed events have arrived', () => world.received() >= 990, false)
    await expectWebhooksAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('a silent ban: reconcile finds the lost events, and the webhook is registered again', async () => {
    const world = await openWorld('banned upstream', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const [first] = (await world.sandbox.webhooks()).live
    // A gateway refuses the webhooks; the connector receives none.
    world.gate.setRule(({ path }) => (path.includes('/hooks/') ? 'refuse' : 'pass'))
    world.ledger.expect('added', await world.addDeals(10))
    await world.until('the webhook is banned', async () => (await world.sandbox.webhooks()).live[0]!.isBanned, false)
    world.gate.setRule(() => 'pass')
    world.ledger.expect('added', await world.addDeals(980))
    await world.until('the missed events have arrived', () => world.received() >= 990)
    await isRegisteredAgain(world, first!.id)
    await expectWebhooksAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('a webhook deleted in Pipedrive: reconcile finds the lost events, and the webhook is registered again', async () => {
    const world = await openWorld('webhook deleted upstream', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const [first] = (await world.sandbox.webhooks()).live
    await world.sandbox.request([{ method: 'DELETE', path: `/api/v1/webhooks/${first!.id}` }])
    world.ledger.expect('added', await world.addDeals(990))
    await world.until('the missed events have arrived', () => world.received() >= 990)
    await isRegisteredAgain(world, first!.id)
    await expectWebhooksAgain(world, 10)
    expectAllOnce(await world.finish(), 0)
  })

  test('no webhook is delivered: reconcile finds 700 new and 300 won deals', async () => {
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
    await world.until('a part has arrived', () => world.received() >= 700)
    world.ledger.expect('added', await world.addDeals(300))
    expectAllOnce(await world.finish(), 0)
  })

  const isRegisteredAgain = (world: TriggersWorld, old: number) =>
    world.until('another webhook is registered', async () => {
      const { live } = await world.sandbox.webhooks()
      return live.length === 1 && live[0]!.id !== old && !live[0]!.isBanned
    })

  /** New events arrive by webhook, without reconcile. */
  async function expectWebhooksAgain(world: TriggersWorld, count: number): Promise<void> {
    await world.idle()
    const before = await world.remainingWork()
    world.ledger.expect('added', await world.addDeals(count))
    await world.until('webhooks arrive again', () => world.received() >= 990 + count)
    const after = await world.remainingWork()
    expect(after.events - before.events).toBe(count)
    expect(after.reconciled).toBe(before.reconciled)
  }
})
