import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { Registry } from '../../connections/registry.ts'
import type { Subscriptions } from '../../delivery/subscriptions/subscriptions.ts'
import { Secret } from '../../kit/secret.ts'
import type { Respond, RouteInfo } from './respond.ts'
import { readBearerToken } from './bearer-token.ts'
import { StoreMissing } from './errors/store-missing.ts'
import type { HttpContext } from './http-context.ts'
import { isPossibleId, readFields } from './management-input.ts'
import type { ManagementRoute } from './management-route.ts'
import type { Origin } from './origin.ts'
import { readBody } from './read-body.ts'

export interface ManagementHandlerOptions {
  /** Undefined without a store. */
  registry: Registry | undefined
  /** Undefined without a store. */
  subscriptions: Subscriptions | undefined
  origin: Origin
  answer: Respond
}

/** The handler of one route of the management API: authenticates, reads the request, then calls the registry. */
export function managementHandler(route: ManagementRoute, options: ManagementHandlerOptions): (c: HttpContext) => Promise<Response> {
  const { registry, subscriptions, origin, answer } = options
  const takesBody = route.method === 'POST' || route.method === 'PATCH'
  // New keys and tokens are answers to POST.
  const routeInfo: RouteInfo = { route: route.path, name: route.path, challenge: 'bearer', compress: route.method === 'GET' }

  return (c) =>
    answer(c, routeInfo, async (state) => {
      if (!registry || !subscriptions) throw new StoreMissing()
      const token = readBearerToken(c.req.raw.headers)
      if (token) state.secrets.push(token)
      const owner = await registry.authenticate(token, origin.addressOf(c))
      state.owner = owner.id
      const query = readFields(route.query, c.req.query())
      const body = readFields(route.body, takesBody ? await readBody(c.req.raw) : {})
      state.secrets.push(...Object.values(body).filter((value) => value instanceof Secret))
      const id = c.req.param('id') ?? ''
      if (route.of && !isPossibleId(id)) throw new NotFoundHere(route.of, id)
      const delivery = c.req.param('delivery') ?? ''
      if (delivery && !isPossibleId(delivery)) throw new NotFoundHere('delivery', delivery, `/api/subscriptions/${id}/deliveries`)
      // Before anything is created: if the link cannot be built, a secret that is shown only once would be lost.
      const base = origin.baseOf(c)
      const { location, ...outcome } = await route.run({ registry, subscriptions, owner, base, id, delivery, body, query })
      return location === undefined ? outcome : { ...outcome, headers: { location: base + location } }
    })
}
