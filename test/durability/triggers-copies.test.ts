import { expect, test } from 'vitest'
import { expectAllOnce, printTallies } from './triggers-ledger.ts'
import { onBothEngines } from './triggers-engines.ts'
import { createRandom } from '../../sandbox/src/random.ts'
import type { PipedriveRequest } from './triggers-sandbox.ts'
import type { GatedRequest } from './triggers-gate.ts'
import { openWorld } from './triggers-world.ts'

printTallies()

onBothEngines('instant triggers when Pipedrive repeats or reorders webhooks', (engine) => {
  // 3,000 webhooks one after the other take half a minute; in parallel they do not.
  test.each([
    ['stable', 'in order'],
    ['new for each attempt', 'shuffled'],
  ] as const)('every webhook three times, meta.id %s, %s: 600 new deals, 400 changes, each once', async (metaId, webhookOrder) => {
    const world = await openWorld(`three copies, meta.id ${metaId}`, engine)
    await world.sandbox.setBehaviour({ webhookCopies: 3, metaId, webhookOrder })
    await world.start()
    // Slightly fewer failures than Pipedrive needs for a ban.
    let lost = 0
    world.gate.setRule(({ path }) => (path.includes('/hooks/') && lost < 9 ? (lost++, 'lose the answer') : 'pass'))
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    const deals = await world.addDeals(600)
    world.ledger.expect('added', deals)
    await world.until('the deals have arrived', () => world.received() >= 600)
    const changed = deals.slice(0, 400)
    await world.change(changed, { title: 'Changed' })
    world.ledger.expect('updated', changed)
    expectAllOnce(await world.finish(), 0)
  })

  test('shuffled order: 600 new deals, of which 400 are changed at once: each once', async () => {
    const world = await openWorld('shuffled', engine)
    await world.sandbox.setBehaviour({ webhookOrder: 'shuffled' })
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    await world.subscribe('TrigDealUpdated', 'updated')
    const deals = await world.addDeals(600)
    const changed = deals.slice(200)
    await world.change(changed, { title: 'Changed' })
    world.ledger.expect('added', deals)
    world.ledger.expect('updated', changed)
    expectAllOnce(await world.finish(), 0)
  })

  test('won, open, won within a second, and back and forth between stages: 170 deals, webhooks three times and shuffled, each event once', async () => {
    const world = await openWorld('won, open, won', engine)
    await world.start()
    const deals = await world.addDeals(170, { stage_id: 1 })
    await world.subscribe('TrigDealWon', 'won')
    await world.subscribe('TrigDealMoved', 'moved')
    await world.sandbox.setBehaviour({ webhookCopies: 3, webhookOrder: 'shuffled' })
    for (const status of ['won', 'open', 'won']) await world.change(deals, { status })
    for (const stage_id of [2, 1, 2, 1]) await world.change(deals, { stage_id })
    world.ledger.expect('won', deals, 2)
    world.ledger.expect('moved', deals, 4)
    const tally = await world.finish()
    expectAllOnce(tally, 0)
    expect(tally.received).toBe(170 * 6)
  })

  test('webhooks arrive twice and in any order hours after reconcile: 300 deals with up to four changes each, each change once', async () => {
    const dice = createRandom(7).next
    const world = await openWorld('webhooks after the lists', engine)
    await world.start()
    const deals = await world.addDeals(300, { stage_id: 1 })
    await world.subscribe('TrigDealUpdated', 'updated')
    await world.subscribe('TrigDealWon', 'won')
    await world.subscribe('TrigDealMoved', 'moved')
    world.gate.setRule(({ path }) => (path.includes('/hooks/') ? 'withhold' : 'pass'))
    const chances = [{ status: 'won' }, { status: 'open' }, { stage_id: 2 }, { stage_id: 1 }, { title: 'Other' }, { value: 7 }] as const
    const states = new Map(deals.map((id): [number, Record<string, unknown>] => [id, { status: 'open', stage_id: 1 }]))
    for (let round = 0; round < 2; round++) {
      const requests = [...states].flatMap(([id, state]) =>
        Array.from({ length: Math.floor(dice() * 3) }).flatMap((): PipedriveRequest[] => {
          const body = chances[Math.floor(dice() * chances.length)] as Record<string, unknown>
          const [field, value] = Object.entries(body)[0]!
          // A PATCH that changes nothing is no event.
          if (state[field] === value) return []
          state[field] = value
          world.ledger.expect('updated', [id])
          if (value === 'won') world.ledger.expect('won', [id])
          if (field === 'stage_id') world.ledger.expect('moved', [id])
          return [{ method: 'PATCH', path: `/api/v2/deals/${id}`, body }]
        }),
      )
      await world.sandbox.request(requests)
      const before = (await world.remainingWork()).reconciled
      await world.until('reconcile has found changes', async () => (await world.remainingWork()).reconciled > before)
      await world.idle()
    }
    const { withheld } = world.gate
    world.gate.setRule(() => 'pass')
    const late = [...withheld, ...withheld].toSorted(() => dice() - 0.5)
    const reconciled = (await world.remainingWork()).reconciled
    expect(reconciled).toBeGreaterThan(200)
    const send = async (hook: GatedRequest | undefined): Promise<void> => {
      if (!hook) return
      const headers = { 'content-type': 'application/json', authorization: hook.headers.authorization! }
      expect((await fetch(world.gate.url + hook.path, { method: 'POST', headers, body: hook.body })).status).toBe(200)
      await send(late.pop())
    }
    await Promise.all(Array.from({ length: 10 }, () => send(late.pop())))
    expectAllOnce(await world.finish(), 0)
  })
})
