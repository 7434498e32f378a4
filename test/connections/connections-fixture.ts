import { manualClock, type ManualClock } from '../../src/kit/clock.ts'
import { parseKeyRing, type KeyRing } from '../../src/kit/key-ring.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createPipedriveClient } from '../../src/pipedrive/client.ts'
import { createFetchTransport } from '../../src/pipedrive/fetch-transport.ts'
import { createLedger } from '../../src/pipedrive/ledger.ts'
import { createSandbox, type Sandbox } from '../../sandbox/src/index.ts'
import type { Store } from '../../src/store/store.ts'
import type { Principal } from '../../src/connections/principal.ts'
import { createConnections, type ConnectionsOptions } from '../../src/connections/connections.ts'
import { createRegistry } from '../../src/connections/create-registry.ts'
import type { Owner } from '../../src/connections/registry.ts'

export const ADMIN_TOKEN = 'the-admin-token-of-these-tests'
export const ADDRESS = '203.0.113.1'
/** Alice and Bob are in one company, Carol in another. */
export const ALICE = new Secret('sandbox-alice')
export const BOB = new Secret('sandbox-bob')
export const CAROL = new Secret('sandbox-carol')
export const admin: Owner = { id: 'admin', name: 'admin', admin: true }

export const ringKey = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`

/** What several processes share. */
interface SharedServices {
  ring: KeyRing
  clock: ManualClock
  sandbox: Sandbox
}

/** A ConnectionsFixture is one process's registry and connections, with a sandbox as its Pipedrive. */
export type ConnectionsFixture = ReturnType<typeof createConnectionsFixture>

export function createConnectionsFixture(
  store: Store,
  options: { ring?: KeyRing; shared?: SharedServices } & Partial<ConnectionsOptions> = {},
) {
  const { shared, ring = shared?.ring ?? parseKeyRing(ringKey('first', 1)), ...more } = options
  const clock = shared?.clock ?? manualClock()
  const sandbox = shared?.sandbox ?? createSandbox({ clock })
  const client = createPipedriveClient({
    transport: createFetchTransport(sandbox.fetch),
    upstream: 'https://pipedrive.test',
    clock,
    logger: silentLogger,
  })
  const connections = createConnections({ clock, upstream: 'https://pipedrive.test', store, ring, logger: silentLogger, ...more })
  const registry = createRegistry({
    store,
    ring,
    client,
    clock,
    logger: silentLogger,
    adminToken: new Secret(ADMIN_TOKEN),
    checkCompany: connections.checkCompany,
  })
  return {
    ring,
    clock,
    sandbox,
    client,
    connections,
    registry,
    /** Adds a connection with its own key. */
    async connect(owner: Owner, name: string, apiKey = ALICE) {
      const connection = await registry.addConnection(owner, { name, apiKey })
      const { key, id: keyId } = await registry.addKey(owner, { connectionId: connection.id, name: 'flows' })
      return { id: connection.id, key: new Secret(key), keyId }
    },
    /** Makes one call as the engine does, and returns the principal. */
    async call(key: Secret, connectionId?: string, address = ADDRESS): Promise<Principal> {
      const acting = await connections.resolve({ key, ...(connectionId !== undefined && { connectionId }) }, address)
      connections.checkAdmission(acting, address)
      try {
        await client.open(acting.key, { ledger: createLedger(), isStoredKey: acting.connection !== undefined }).pipedrive.stages.list()
        await connections.recordSuccess(acting)
        return acting
      } catch (error) {
        throw await connections.recordFailure(error, acting, address)
      }
    },
    /** Pipedrive refuses everything, as it does with a replaced key. */
    refuseAll: (status = 401, times?: number) => sandbox.faults.add({ kind: 'status', status, ...(times !== undefined && { times }) }),
  }
}
