import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, type App } from '../../src/app.ts'
import { serveHttp, type RunningServer } from '../../src/adapters/http/serve-http.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import { serveSandbox, type ServedSandbox } from '../../sandbox/src/serve.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, testConfig } from '../contract/world.ts'

const ROUNDS = 30
const TRIGGERS = ['TrigNewDealV2', 'TrigNewActivity']
const CALLBACK = 'https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/new/run?api-version=2016-10-01&sig=SIGNATURE-OF-THE-FLOW'

/** Connector and sandbox listen on local ports, with the workers running. */
onEveryEngine('a flow that is turned off and on', (newStore) => {
  let store: Store
  let upstream: ServedSandbox
  let app: App
  let server: RunningServer
  beforeAll(async () => {
    store = await newStore()
    upstream = await serveSandbox({ sandbox: createSandbox(), port: 0 })
    app = await createApp({ ...testConfig, upstream: upstream.url, callsPerMinute: 10_000 }, { store })
    server = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    await app.listening(server.url)
  }, 60_000)
  afterAll(async () => {
    app.drain()
    await server.close()
    await app.close()
    await upstream.close()
    await store.close()
  })

  const subscribe = async (trigger: string) => {
    const response = await fetch(`${server.url}/subscriptions/${trigger}`, {
      method: 'POST',
      headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
      body: JSON.stringify({ callbackUrl: CALLBACK }),
    })
    return { answer: `${response.status} ${response.ok ? '' : await response.text()}`, location: response.headers.get('location') }
  }

  test('subscribes again at once, even if another flow of the same key was the last one to end', { timeout: 120_000 }, async () => {
    const answers: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { answer, location } = await subscribe(TRIGGERS[round % TRIGGERS.length]!)
      answers.push(answer)
      if (location) await fetch(location, { method: 'DELETE' })
    }
    expect(answers).toEqual(answers.map(() => '201 '))
  })
})
