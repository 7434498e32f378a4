import { expect, test } from 'vitest'
import { startCluster } from '../../src/store/postgres-cluster.fixture.ts'
import { expectAllOnce, printTallies } from './triggers-book.ts'
import { onBothEngines, onPostgresAlone, PGLITE } from './triggers-engines.ts'
import { openWorld } from './triggers-world.ts'

const timeout = 240_000
/** Requests to one receiver at once; of so many nobody may have written down the answer. */
const IN_FLIGHT = 8
printTallies()

onBothEngines('instant triggers when the connector dies', (engine) => {
  test('kill -9 amid each of four bursts: 1,000 deals come, each under one id', { timeout }, async () => {
    const world = await openWorld('kill -9 amid bursts', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const kills = 4
    for (let burst = 0; burst < kills; burst++) {
      const before = world.received()
      world.book.expect('added', await world.addDeals(250))
      await world.until('that a part has come', () => world.received() >= before + 20 + burst * 60)
      await world.kill()
      await world.start()
      await world.until('that the burst has come', () => world.received() >= before + 250)
    }
    expectAllOnce(await world.finish(), kills * IN_FLIGHT)
  })
})

test('PGlite: a restart of the process amid 1,000 deals loses none, and repeats none', { timeout }, async () => {
  const world = await openWorld('process restarted', PGLITE)
  await world.start()
  await world.subscribe('TrigNewDealV2', 'added')
  for (const part of [250, 500]) {
    world.book.expect('added', await world.addDeals(500))
    await world.until('that a part has come', () => world.received() >= part)
    await world.stop()
    await world.start()
  }
  expectAllOnce(await world.finish(), 0)
})

onPostgresAlone('instant triggers when parts of the whole die', (engine) => {
  test('two workers, one killed amid 1,000 deals: the other one goes on when the database takes it for dead', { timeout }, async () => {
    const world = await openWorld('one of two workers killed', engine)
    await world.start('web')
    const workers = [await world.start('worker'), await world.start('worker')]
    await world.subscribe('TrigNewDealV2', 'added')
    world.book.expect('added', await world.addDeals(500))
    await world.until('that a part has come', () => world.received() >= 200)
    await workers[0]!.kill()
    world.book.expect('added', await world.addDeals(500))
    // Real time: a lease ends by the clock of the database.
    await world.until('that all has come', () => world.received() >= 1_000, false)
    expectAllOnce(await world.finish(), IN_FLIGHT)
  })

  test('the database ends all its connections, three times amid 1,000 deals: they all come', { timeout }, async () => {
    const world = await openWorld('connections ended', engine)
    await world.start()
    await world.subscribe('TrigNewDealV2', 'added')
    const cuts = 3
    for (let cut = 1; cut <= cuts; cut++) {
      world.book.expect('added', await world.addDeals(cut < cuts ? 300 : 400))
      await world.until('that a part has come', () => world.received() >= cut * 250)
      await world.endDatabaseConnections()
    }
    expectAllOnce(await world.finish(), cuts * IN_FLIGHT)
  })

  test('the database crashes and starts again, twice amid 1,000 deals: they all come', { timeout }, async () => {
    // As a database is set up that people care for, but for the disk: nobody pulls its plug.
    const cluster = await startCluster(['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB'])
    try {
      const world = await openWorld('database crashed', {
        name: engine.name,
        newPlace: () => Promise.resolve({ kind: 'postgres', url: cluster.url }),
      })
      await world.start()
      await world.subscribe('TrigNewDealV2', 'added')
      for (const part of [250, 500]) {
        world.book.expect('added', await world.addDeals(500))
        await world.until('that a part has come', () => world.received() >= part)
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
