import * as z from 'zod'
import type { Owner, Registry } from '../../connections/registry.ts'
import type { Subscriptions } from '../../delivery/subscriptions/subscriptions.ts'
import type { HttpOutcome } from './outcome.ts'
import type { Route } from './routes.ts'

/** A ManagementRequest is one checked request of an owner: its input, the caller, and the services to call. */
export interface ManagementRequest<B, Q> {
  registry: Registry
  subscriptions: Subscriptions
  owner: Owner
  /** The URL at which the caller reaches this server, without a slash at the end. */
  base: string
  /** The `{id}` of the path. */
  id: string
  /** Its `{delivery}`. */
  delivery: string
  body: B
  query: Q
}

type RequestFields = z.ZodObject
const none = z.object({})

/** A ManagementRoute is one operation of the management API. */
export interface ManagementRoute extends Route {
  /** The kind of object that `{id}` in the path identifies. */
  of?: 'connection' | 'key' | 'owner' | 'subscription'
  body: RequestFields
  query: RequestFields
  /** The created object is at `location`, below the base URL. An object that has no GET has no location. */
  run(ask: ManagementRequest<Record<string, unknown>, Record<string, unknown>>): Promise<HttpOutcome & { location?: string }>
}

interface Definition<B extends RequestFields, Q extends RequestFields> {
  of?: ManagementRoute['of']
  body?: B
  query?: Q
  run(ask: ManagementRequest<z.output<B>, z.output<Q>>): Promise<HttpOutcome & { location?: string }>
}

/** The list does not keep the types of the fields; `run` is called with what its own schemas returned. */
export const route = <B extends RequestFields = typeof none, Q extends RequestFields = typeof none>(
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

export const ok = (body: unknown): HttpOutcome => ({ status: 200, body })
export const list = (data: readonly unknown[]): HttpOutcome => ok({ data })
export const made = (body: unknown): HttpOutcome => ({ status: 201, body })
export const gone: HttpOutcome = { status: 204 }
