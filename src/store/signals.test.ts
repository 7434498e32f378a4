import { afterAll, expect, test } from 'vitest'
import { eventually } from '../kit/eventually.fixture.ts'
import { silentLogger } from '../kit/logger.ts'
import { cutNetwork } from './cut-network.fixture.ts'
import { onEveryEngine, onPostgres } from './engines.fixture.ts'
import { openStore } from './open-store.ts'
import type { Store } from './store.ts'

function ear(store: Store, name: string) {
  let heard = 0
  const stop = store.onSignal(name, () => heard++)
  return { heard: () => heard, stop }
}

onEveryEngine('signals', (newStore) => {
  let store: Store
  afterAll(() => store.close())

  test('a listener in this process receives a signal immediately, once, and by its name', async () => {
    store = await newStore()
    const [first, second, other] = [ear(store, 'work'), ear(store, 'work'), ear(store, 'other')]
    store.signal('work')
    expect([first.heard(), second.heard(), other.heard()]).toEqual([1, 1, 0])
    // Should the database tell us what we have said ourselves.
    await new Promise((resolve) => setTimeout(resolve, 100))
    first.stop()
    store.signal('work')
    expect([first.heard(), second.heard(), other.heard()]).toEqual([1, 2, 0])
  })
})

onPostgres('signals between processes', (newStore) => {
  test('others hear it too, though they were told of many at once', async () => {
    const here = await newStore()
    const there = await newStore.again(here)
    try {
      const { heard } = ear(there, 'work')
      await eventually(() => expect((here.signal('work'), heard())).toBeGreaterThan(0))
      const before = heard()
      for (let n = 0; n < 1_000; n++) here.signal('work')
      await eventually(() => expect(heard()).toBeGreaterThan(before))
      expect(heard()).toBeLessThan(before + 100)
    } finally {
      await Promise.all([here.close(), there.close()])
    }
  })

  test('a database that was away is listened to again, and nothing ends the process meanwhile', async () => {
    const here = await newStore()
    const network = await cutNetwork(newStore.urlOf(here))
    const there = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      const { heard } = ear(there, 'work')
      await eventually(() => expect((here.signal('work'), heard())).toBeGreaterThan(0))
      network.cut()
      there.signal('work')
      const before = heard()
      here.signal('work')
      network.mend()
      await eventually(() => expect((here.signal('work'), heard())).toBeGreaterThan(before))
    } finally {
      await Promise.all([here.close(), there.close()])
      await network.close()
    }
  })

  test('a store that is closed while it connects ends', async () => {
    const store = await newStore()
    ear(store, 'work')
    store.signal('work')
    await store.close()
    store.signal('work')
  })
})
