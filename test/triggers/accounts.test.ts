import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createConnections } from '../../src/connections/connections.ts'
import { createAccounts, sealAccountKey } from '../../src/delivery/accounts.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, UPSTREAM } from '../contract/world.ts'
import { deleteAccounts, openDeliveryWorld } from './delivery-world.ts'

let store: Store
beforeAll(async () => {
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
}, 60_000)
afterEach(() => deleteAccounts(store))
afterAll(() => store.close())

async function setup(options: { allowCompanies?: number[] } = {}) {
  const { deps, world } = await openDeliveryWorld(store)
  const connections = createConnections({ clock: deps.clock, upstream: UPSTREAM, store, ring: deps.ring, ...options })
  const accounts = createAccounts({ ...deps, connections })
  const add = async (id: string, key: string, company_id = 1) => {
    const sealed_key = sealAccountKey(deps.ring, id, new Secret(key))
    const row = { id, principal: `user ${id}`, connection_id: null, sealed_key, company_id, user_id: 1, created_at: new Date() }
    await store.db.insertInto('accounts').values(row).execute()
  }
  const use = (id: string) =>
    accounts
      .use(id, 'test', ({ pipedrive }) => pipedrive.users.me())
      .then(
        () => 'served',
        (error: unknown) => (error as { code: string }).code,
      )
  return { add, use, world }
}

test('accounts with refused keys do not slow down other accounts', async () => {
  const { add, use } = await setup()
  for (let n = 0; n < 25; n++) {
    await add(`refused ${n}`, `wrong-${n}`)
    expect(await use(`refused ${n}`)).toBe('ApiKeyRefused')
  }
  await add('good', ALICE)
  expect(await use('good')).toBe('served')
})

test('an account of a company that is no longer allowed is not used', async () => {
  const { add, use } = await setup({ allowCompanies: [3] })
  await add('other company', ALICE, 4)
  expect(await use('other company')).toBe('CompanyNotAllowed')
})
