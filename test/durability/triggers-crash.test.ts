import { expect, test } from 'vitest'
import { startCluster } from '../../src/store/postgres-cluster.fixture.ts'
import { expectAllOnce, printTallies } from './triggers-ledger.ts'
import { onBothEngines, onPostgresAlone, SQLITE } from './triggers-engines.ts'
import { openWorld } from './triggers-world.ts'

/** Concurrent requests to one endpoint: after a kill, this many responses may be unrecorded. */
const IN_FLIGHT = 8
printTallies()

onBothEngines('instant triggers when the connector is killed', (engine) => {
  test('kill -9 during each of four bursts: all 1,000 deals arrive, each under one id', async () => {
    const world = await openWorld('kill -9 during bursts', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const kills = 4
    for (let burst = 0; burst < kills; burst++) {
      const before = world.received()
      world.ledger.expect('added', await world.addDeals(250))
      await world.until('a part has arrived', () => world.received() >= before + 20 + burst * 60)
      await world.kill()
      await world.start()
      // No time passes: reconcile runs at every start.
      await world.until('the burst has arrived', () => world.received() >= before + 250, false)
    }
    expectAllOnce(await world.finish(), kills * IN_FLIGHT)
  })

  test('a webhook answered with 200 is delivered even if the process is killed at that moment and Pipedrive never repeats it', async () => {
    const world = await openWorld('killed as it answers', engine)
    await world.start()
    const deals = await world.addDeals(250)
    await world.subscribe('TrigDealWon', 'won')
    await world.sandbox.setBehaviour({ webhookOrder: 'shuffled' })
    const acknowledged = new Map<number, number>()
    let accepted = 0
    let killed: Promise<void> | undefined
    world.gate.onAccepted(({ body }) => {
      const { data, previous } = JSON.parse(body) as { data: { id: number; status: string }; previous: { status?: string } }
      if (killed) return
      if (data.status === 'won' && previous.status === 'open') acknowledged.set(data.id, (acknowledged.get(data.id) ?? 0) + 1)
      if (++accepted < 400) return
      world.gate.setRule(({ path }) => (path.includes('/hooks/') ? 'withhold' : 'pass'))
      killed = world.kill()
    })
    // The final state is open: no list shows that the deal was won twice.
    for (const status of ['won', 'open', 'won', 'open']) await world.change(deals, { status })
    await world.until('the process is killed', () => killed !== undefined, false)
    await killed
    await world.start()
    await world.idle()
    const delivered = Map.groupBy(world.receiver.requests, ({ record }) => record)
    const times = (id: number) => new Set(delivered.get(id)?.map((request) => request.id)).size
    for (const [id, count] of acknowledged) expect(times(id), `deal ${id}`).toBeGreaterThanOrEqual(count)
    for (const id of deals) expect(times(id), `deal ${id}`).toBeLessThanOrEqual(2)
    expect(acknowledged.size).toBeGreaterThan(100)
    for (const id of deals) world.ledger.expect('won', [id], times(id))
    expectAllOnce(await world.finish(), IN_FLIGHT)
  })
})

test('SQLite: a restart of the process during 1,000 deals loses none and repeats none', async () => {
  const world = await openWorld('process restarted', SQLITE)
  await world.start()
  await world.subscribe('TrigNewDealV2', 'added')
  for (const part of [250, 500]) {
    world.ledger.expect('added', await world.addDeals(500))
    await world.until('a part has arrived', () => world.received() >= part)
    await world.stop()
    await world.start()
  }
  expectAllOnce(await world.finish(), 0)
})

onPostgresAlone('instant triggers when one process or the database fails', (engine) => {
  test('two workers, one killed during 250 deals for four subscriptions: the other one continues when the lease expires', async () => {
    const world = await openWorld('one of two workers killed', engine)
    await world.start('web')
    const workers = [await world.start('worker'), await world.start('worker')]
    const paths = ['a', 'b', 'c', 'd']
    for (const path of paths) await world.subscribe('TrigNewDealV2', path)
    const deals = await world.addDeals(250)
    for (const path of paths) world.ledger.expect(path, deals)
    await world.until('a part has arrived', () => world.received() >= 300)
    await workers[0]!.kill()
    // Real time: the lease expires by the clock of the database.
    await world.until('all have arrived', () => world.received() >= 1_000, false)
    expectAllOnce(await world.finish(), paths.length * IN_FLIGHT)
  })

  test('the database closes all connections three times during 1,000 deals: all arrive', async () => {
    const world = await openWorld('connections ended', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const cuts = 3
    for (let cut = 1; cut <= cuts; cut++) {
      world.ledger.expect('added', await world.addDeals(cut < cuts ? 300 : 400))
      await world.until('a part has arrived', () => world.received() >= cut * 250)
      await world.endDatabaseConnections()
    }
    expectAllOnce(await world.finish(), cuts * IN_FLIGHT)
  })

  test('the database crashes and restarts twice during 1,000 deals: all arrive', async () => {
    // Production settings, without fsync: the test does not cut the power.
    const cluster = await startCluster(['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB'])
    try {
      const world = await openWorld('database crashed', {
        name: engine.name,
        newPlace: () => Promise.resolve({ kind: 'postgres', url: cluster.url }),
      })
      await world.start()
      await world.subscribe('TrigNewDealV2', 'added')
      for (const part of [250, 500]) {
        world.ledger.expect('added', await world.addDeals(500))
        await world.until('a part has arrived', () => world.received() >= part)
        await cluster.crash()
      }
      const tally = await world.finish()
      expectAllOnce(tally, 2 * IN_FLIGHT)
      expect(tally.received).toBe(1_000)
    } finally {
      await cluster.stop()
    }
  })
})
