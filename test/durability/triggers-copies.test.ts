import { expect, test } from 'vitest'
import { expectAllOnce, printTallies } from './triggers-book.ts'
import { onBothEngines } from './triggers-engines.ts'
import { openWorld } from './triggers-world.ts'

const timeout = 240_000
printTallies()

onBothEngines('instant triggers when Pipedrive tells too much', (engine) => {
  test.each(['stable', 'new for each attempt'] as const)(
    'every webhook three times, meta.id %s: 600 new deals, 400 changes, each once',
    { timeout },
    async (metaId) => {
      const world = await openWorld(`three copies, meta.id ${metaId}`, engine)
      await world.sandbox.behave({ webhookCopies: 3, metaId })
      await world.start()
      await world.subscribe('TrigNewDealV2', 'added')
      await world.subscribe('TrigDealUpdated', 'updated')
      const deals = await world.addDeals(600)
      world.book.expect('added', deals)
      await world.until('that the deals have come', () => world.received() >= 600)
      const changed = deals.slice(0, 400)
      await world.change(changed, { title: 'Changed' })
      world.book.expect('updated', changed)
      expectAllOnce(await world.finish(), 0)
    },
  )

  test('shuffled order: 600 new deals, of which 400 are changed at once: each once', { timeout }, async () => {
    const world = await openWorld('shuffled', engine)
    await world.sandbox.behave({ webhookOrder: 'shuffled' })
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    const deals = await world.addDeals(600)
    const changed = deals.slice(200)
    await world.change(changed, { title: 'Changed' })
    world.book.expect('added', deals)
    world.book.expect('updated', changed)
    expectAllOnce(await world.finish(), 0)
  })

  test(
    'won, open, won within a second, and back and forth between stages: 170 deals tell of both, three times and shuffled',
    { timeout },
    async () => {
      const world = await openWorld('won, open, won', engine)
      await world.start()
      const deals = await world.addDeals(170, { stage_id: 1 })
      await world.subscribe('TrigDealWon', 'won')
      await world.subscribe('TrigDealMoved', 'moved')
      await world.sandbox.behave({ webhookCopies: 3, webhookOrder: 'shuffled' })
      for (const status of ['won', 'open', 'won']) await world.change(deals, { status })
      for (const stage_id of [2, 1, 2, 1]) await world.change(deals, { stage_id })
      world.book.expect('won', deals, 2)
      world.book.expect('moved', deals, 4)
      const tally = await world.finish()
      expectAllOnce(tally, 0)
      expect(tally.received).toBe(170 * 6)
    },
  )
})
