import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../src/kit/logger.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { createWorld, type World } from './contract/world.ts'

let store: Store
let world: World
beforeAll(async () => {
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
  world = await createWorld({ store })
})
afterAll(async () => {
  await world.close()
  await store.close()
})

const CUSTOM_FIELD = 'a'.repeat(40)
/** Each is a megabyte of work for a server that reads all of it. */
const bodies: Record<string, string> = {
  'of nested lists in a custom field': `{"title":"x","${CUSTOM_FIELD}":${'['.repeat(500_000)}1${']'.repeat(500_000)}}`,
  'of nested objects': `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`,
  'that never closes': '{"title":'.repeat(100_000),
  'of many values in a custom field': `{"title":"x","${CUSTOM_FIELD}":{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join()}}}`,
  'of many custom fields': `{"title":"x",${Array.from({ length: 20_000 }, (_, index) => `"${index.toString(16).padStart(40, '0')}":1`).join()}}`,
}
const paths = ['/connector-v2/v1/deals', '/v1/deals', '/v1/activities', '/subscriptions/TrigNewDealV2']

test.each(Object.keys(bodies))('a body %s is refused for its form, before its key is looked at', async (name) => {
  for (const path of paths) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'an-invented-key' }, body: bodies[name]! }
    const reply = await world.http(path, init)
    expect(reply, path).toMatchObject({ status: 400, body: { code: 'InvalidBody' } })
    expect(reply.text).toMatch(/32 levels|20,000 values|1,000 fields/)
  }
  expect(world.takeRequests()).toEqual([])
})
