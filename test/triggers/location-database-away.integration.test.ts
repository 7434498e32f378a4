import { expect, test } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { cutNetwork } from '../../src/store/cut-network.fixture.ts'
import { onPostgres } from '../../src/store/engines.fixture.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ALICE, createWorld } from '../contract/world.ts'

onPostgres('a Location while the database is away', (newStore) => {
  test('a DELETE is a 503 and the subscription stays until one is answered with 204', async () => {
    const store = await newStore()
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    const world = await createWorld({ store: behind })
    try {
      const { headers, status } = await world.http('/subscriptions/TrigNewDealV2', {
        method: 'POST',
        headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
        body: '{"pull":true}',
      })
      expect(status).toBe(201)
      const remove = () => world.http(headers.get('location')!, { method: 'DELETE' })
      const states = async () => (await store.db.selectFrom('subscriptions').select('state').execute()).map(({ state }) => state)
      network.cut()
      const away = await remove()
      expect(away).toMatchObject({ status: 503, body: { code: 'StoreUnavailable' } })
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await states()).toEqual(['active'])
      network.mend()
      await eventually(async () => expect((await remove()).status).toBe(204))
      expect(await states()).toEqual(['ended'])
    } finally {
      await world.close()
      await Promise.all([store.close(), behind.close()])
      await network.close()
    }
  })
})
