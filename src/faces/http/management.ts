import * as z from 'zod'
import type { ConnectionView, Owner, ReachableConnection, Registry } from '../../connections/registry.ts'
import type { Outcome } from './outcome.ts'
import { apiKey, id, text, wholeNumber } from './management-input.ts'
import type { Route } from './routes.ts'
import { runtimePath } from './runtime-url.ts'

/** An Ask is one request of an owner, checked: what stands in it, and who asks whom. */
export interface Ask<B, Q> {
  registry: Registry
  owner: Owner
  /** Where the caller reaches this server, without a slash at the end. */
  base: string
  /** The `{id}` of the path. */
  id: string
  body: B
  query: Q
}

type Fields = z.ZodObject
const none = z.object({})

/** A ManagementRoute is one thing that an owner can do to what is kept here. */
export interface ManagementRoute extends Route {
  /** What the `{id}` of the path is the id of. */
  of?: 'connection' | 'key' | 'owner'
  body: Fields
  query: Fields
  /** What is made is at `location`, below the base URL; what cannot be asked for by itself has none. */
  run(ask: Ask<Record<string, unknown>, Record<string, unknown>>): Promise<Outcome & { location?: string }>
}

interface Definition<B extends Fields, Q extends Fields> {
  of?: ManagementRoute['of']
  body?: B
  query?: Q
  run(ask: Ask<z.output<B>, z.output<Q>>): Promise<Outcome & { location?: string }>
}

/** Inside the list the types of the fields are no longer known; `run` is called with what its own schemas yielded. */
const route = <B extends Fields = typeof none, Q extends Fields = typeof none>(
  method: Route['method'],
  path: string,
  { of, body, query, run }: Definition<B, Q>,
): ManagementRoute => ({
  method,
  path,
  ...(of && { of }),
  body: body ?? none,
  query: query ?? none,
  run,
})

const ok = (body: unknown): Outcome => ({ status: 200, body })
const list = (data: readonly unknown[]): Outcome => ok({ data })
const made = (body: unknown): Outcome => ({ status: 201, body })
const gone: Outcome = { status: 204 }

const reachable = (view: ConnectionView, base: string): ReachableConnection => ({ ...view, runtimeUrl: base + runtimePath(view.id) })

const connectionFields = z.object({ name: text, apiKey })

/** Everything that can be managed over HTTP; the command line goes the same way. */
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
    body: z.object({ connectionId: id, name: text }),
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
]
