import { expect, test } from 'vitest'
import { eventually } from '../../kit/eventually.fixture.ts'
import { silentLogger } from '../../kit/logger.ts'
import { cutNetwork } from '../../store/cut-network.fixture.ts'
import { onPostgres } from '../../store/engines.fixture.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture } from '../dispatch/delivery.fixture.ts'
import { createInbox } from './inbox.ts'

onPostgres('the inbox while the database is away', (newStore) => {
  test('all waiting webhooks are refused together, so that Pipedrive sends them again, and none waits for its own failure', async () => {
    const store = await newStore()
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      const { clock } = await openDeliveryFixture(store)
      let writes = 0
      const counted: Store = { ...behind, transaction: (run) => (writes++, behind.transaction(run)) }
      const inbox = createInbox({ store: counted, clock })
      network.cut()
      const refused = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => inbox.put('source', { n })))
      expect(refused.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable)).toBe(true)
      expect(writes).toBeLessThan(10)
      network.mend()
      const put = () =>
        inbox.put('source', { n: 100 }).then(
          () => true,
          () => false,
        )
      await eventually(async () => expect(await put()).toBe(true))
      // A body of a source that has just ended does not fail the others.
      const mixed = await Promise.allSettled([inbox.put('source', { n: 101 }), inbox.put('ended', {}), inbox.put('source', { n: 102 })])
      expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      const rows = await store.db.selectFrom('inbox').select('body').orderBy('id').execute()
      expect(rows.map(({ body }) => body['n'])).toEqual([100, 101, 102])
    } finally {
      await Promise.all([store.close(), behind.close()])
      await network.close()
    }
  })
})
