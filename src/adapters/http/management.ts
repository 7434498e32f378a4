import * as z from 'zod'
import type { ConnectionView, ReachableConnection } from '../../connections/registry.ts'
import { apiKey, id, sets, text, wholeNumber } from './management-input.ts'
import { gone, list, made, ok, route, type ManagementRoute } from './management-route.ts'
import { runtimePath } from './runtime-url.ts'
import { subscriptionManagement } from './subscription-management.ts'

const reachable = (view: ConnectionView, base: string): ReachableConnection => ({ ...view, runtimeUrl: base + runtimePath(view.id) })

const connectionFields = z.object({ name: text, apiKey })

/** Every route of the management API; the command line uses the same routes. */
export const managementRoutes: readonly ManagementRoute[] = [
  route('GET', '/api/me', { run: async ({ owner }) => ok(owner) }),

  route('GET', '/api/connections', {
    run: async ({ registry, owner, base }) => list((await registry.listConnections(owner)).map((view) => reachable(view, base))),
  }),
  route('POST', '/api/connections', {
    body: connectionFields,
    run: async ({ registry, owner, base, body }) => {
      const view = await registry.addConnection(owner, body)
      return { ...made(reachable(view, base)), location: `/api/connections/${view.id}` }
    },
  }),
  route('POST', '/api/connections/rotate', { run: async ({ registry, owner }) => ok(await registry.rotate(owner)) }),
  route('GET', '/api/connections/{id}', {
    of: 'connection',
    run: async ({ registry, owner, base, id: connection }) => ok(reachable(await registry.getConnection(owner, connection), base)),
  }),
  route('PATCH', '/api/connections/{id}', {
    of: 'connection',
    body: connectionFields.partial(),
    run: async ({ registry, owner, base, id: connection, body }) =>
      ok(reachable(await registry.changeConnection(owner, connection, body), base)),
  }),
  route('DELETE', '/api/connections/{id}', {
    of: 'connection',
    run: async ({ registry, owner, id: connection }) => {
      await registry.removeConnection(owner, connection)
      return gone
    },
  }),
  route('POST', '/api/connections/{id}/test', {
    of: 'connection',
    run: async ({ registry, owner, base, id: connection }) => ok(reachable(await registry.testConnection(owner, connection), base)),
  }),

  route('GET', '/api/keys', {
    query: z.object({ connectionId: id.optional() }),
    run: async ({ registry, owner, query }) => list(await registry.listKeys(owner, query.connectionId)),
  }),
  route('POST', '/api/keys', {
    body: z.object({ connectionId: id, name: text, sets: sets.optional(), readOnly: z.boolean('must be true or false').optional() }),
    run: async ({ registry, owner, body }) => made(await registry.addKey(owner, body)),
  }),
  route('DELETE', '/api/keys/{id}', {
    of: 'key',
    run: async ({ registry, owner, id: key }) => {
      await registry.removeKey(owner, key)
      return gone
    },
  }),

  route('GET', '/api/owners', { run: async ({ registry, owner }) => list(await registry.listOwners(owner)) }),
  route('POST', '/api/owners', {
    body: z.object({ name: text }),
    run: async ({ registry, owner, body }) => made(await registry.addOwner(owner, body)),
  }),
  route('DELETE', '/api/owners/{id}', {
    of: 'owner',
    run: async ({ registry, owner, id: other }) => {
      await registry.removeOwner(owner, other)
      return gone
    },
  }),
  route('POST', '/api/owners/{id}/token', {
    of: 'owner',
    run: async ({ registry, owner, id: other }) => ok(await registry.renewOwnerToken(owner, other)),
  }),

  route('GET', '/api/audit', {
    query: z.object({ before: wholeNumber.optional(), limit: wholeNumber.optional() }),
    run: async ({ registry, owner, query }) => list(await registry.listAudit(owner, query)),
  }),

  ...subscriptionManagement,
]
