import { expect, test } from 'vitest'
import { eventually } from '../../kit/eventually.fixture.ts'
import { silentLogger } from '../../kit/logger.ts'
import { noMetrics } from '../../kit/metrics.ts'
import { cutNetwork } from '../../store/cut-network.fixture.ts'
import { onPostgres } from '../../store/engines.fixture.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { openStore } from '../../store/open-store.ts'
import { HookRefused } from '../errors/hook-refused.ts'
import { newHookSecret } from './hook-secrets.ts'
import { createWebhookIngest } from './webhook-ingest.ts'

onPostgres('webhooks while the database is away', (newStore) => {
  test('a webhook that cannot be looked up is refused with a retryable error, and reported as missed', async () => {
    const store = await newStore()
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      let missed = 0
      const inbox = { put: () => Promise.reject(new Error('never reached')), close: () => Promise.resolve() }
      const ingest = createWebhookIngest({ store: behind, metrics: noMetrics, inbox, onMissed: () => void missed++ })
      const receive = (token: string) =>
        ingest.receive({ token, authorization: undefined, body: () => Promise.reject(new Error('never read')) })
      network.cut()
      await expect(receive(newHookSecret())).rejects.toThrow(StoreUnavailable)
      expect(missed).toBe(1)
      await expect(receive('no-token')).rejects.toThrow(HookRefused)
      network.mend()
      await eventually(async () =>
        expect(await receive(newHookSecret()).catch((error: unknown) => (error as Error).name)).toBe(HookRefused.name),
      )
      expect(missed).toBe(1)
    } finally {
      await Promise.all([store.close(), behind.close()])
      await network.close()
    }
  })
})
