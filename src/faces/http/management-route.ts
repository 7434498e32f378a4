import * as z from 'zod'
import type { Owner, Registry } from '../../connections/registry.ts'
import type { Subscriptions } from '../../delivery/subscriptions/subscriptions.ts'
import type { Outcome } from './outcome.ts'
import type { Route } from './routes.ts'

/** An Ask is one request of an owner, checked: what stands in it, and who asks whom. */
export interface Ask<B, Q> {
  registry: Registry
  subscriptions: Subscriptions
  owner: Owner
  /** Where the caller reaches this server, without a slash at the end. */
  base: string
  /** The `{id}` of the path. */
  id: string
  /** Its `{delivery}`. */
  delivery: string
  body: B
  query: Q
}

type Fields = z.ZodObject
const none = z.object({})

/** A ManagementRoute is one thing that an owner can do to what is kept here. */
export interface ManagementRoute extends Route {
  /** What the `{id}` of the path is the id of. */
  of?: 'connection' | 'key' | 'owner' | 'subscription'
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
export const route = <B extends Fields = typeof none, Q extends Fields = typeof none>(
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

export const ok = (body: unknown): Outcome => ({ status: 200, body })
export const list = (data: readonly unknown[]): Outcome => ok({ data })
export const made = (body: unknown): Outcome => ({ status: 201, body })
export const gone: Outcome = { status: 204 }
