import type { Operation } from '../../catalog/define.ts'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { AuthThrottle } from '../../connections/auth-throttle.ts'
import { SubscriptionNotFound } from '../../delivery/errors/subscription-not-found.ts'
import type { SubscriptionLocation, Subscriptions } from '../../delivery/subscriptions/subscriptions.ts'
import { Secret } from '../../kit/secret.ts'
import type { Respond, RouteInfo } from './respond.ts'
import { StoreMissing } from './errors/store-missing.ts'
import type { HttpContext } from './http-context.ts'
import { isPossibleId } from './management-input.ts'
import type { Origin } from './origin.ts'
import { replyOf, type Reply, type RequestState } from './outcome.ts'
import { readBody } from './read-body.ts'
import { readCredential } from './read-credential.ts'
import type { Route } from './routes.ts'
import { RUNTIME_URL, runtimePath } from './runtime-url.ts'
import { readPulledOutcome, readWait } from './subscription-input.ts'
import { triggerOf } from './subscription-trigger.ts'

export interface SubscriptionHandlerOptions {
  catalog: readonly Operation[]
  /** Undefined without a store. */
  subscriptions: Subscriptions | undefined
  origin: Origin
  answer: Respond
  throttle: AuthThrottle
}

/** A SubscriptionRoute is one request of a subscriber; all but the first need only its Location. */
export interface SubscriptionRoute extends Route {
  run(c: HttpContext, state: RequestState, options: SubscriptionHandlerOptions): Promise<Reply>
}

const SUBSCRIBE = '/subscriptions/{trigger}'
const LOCATION = `${SUBSCRIBE}/{location}`

/** The subscription routes. Each works below a runtime URL too. */
export const subscriptionRoutes: readonly SubscriptionRoute[] = [
  { method: 'POST', path: SUBSCRIBE, run: subscribe },
  {
    method: 'DELETE',
    path: LOCATION,
    // 204 also for an unknown one: hosts must be able to forget a subscription, and the answer shows a guesser nothing. Only while the database is
    // away it is a 503, because the subscription would go on.
    async run(c, _state, { subscriptions }) {
      await subscriptions?.endByLocation(locationOf(c))
      return { status: 204 }
    },
  },
  {
    method: 'GET',
    path: `${LOCATION}/events`,
    async run(c, _state, { subscriptions }) {
      if (!subscriptions) throw new StoreMissing()
      const waitMs = readWait(c.req.query('wait'))
      const data = await subscriptions.pull(locationOf(c), waitMs, c.req.raw.signal)
      return { status: 200, body: { data } }
    },
  },
  {
    method: 'POST',
    path: `${LOCATION}/events/{delivery}`,
    async run(c, _state, { subscriptions }) {
      if (!subscriptions) throw new StoreMissing()
      const outcome = readPulledOutcome(await readBody(c.req.raw))
      const delivery = c.req.param('delivery') ?? ''
      if (!isPossibleId(delivery)) throw new NotFoundHere('delivery', delivery, `${LOCATION}/events`)
      await subscriptions.report(locationOf(c), delivery, outcome)
      return { status: 204 }
    },
  },
]

const locationOf = (c: HttpContext): SubscriptionLocation => ({
  token: c.req.param('location') ?? '',
  connectionId: c.req.param('connectionId'),
})

async function subscribe(
  c: HttpContext,
  state: RequestState,
  { catalog, subscriptions, origin }: SubscriptionHandlerOptions,
): Promise<Reply> {
  const trigger = triggerOf(catalog, c.req.param('trigger') ?? '')
  if (!subscriptions) throw new StoreMissing(`Instant triggers need one; without it a flow can poll: ${trigger.method} ${trigger.path}.`)
  const connectionId = c.req.param('connectionId')
  const credential = readCredential(c.req.raw.headers, connectionId)
  if (credential.key) state.secrets.push(credential.key)
  // Before the subscription is created: if the link cannot be built, the caller could not end the subscription.
  const base = origin.baseOf(c)
  const given = await readBody(c.req.raw)
  if (typeof given['callbackUrl'] === 'string' && given['callbackUrl'] !== '') state.secrets.push(new Secret(given['callbackUrl']))
  const context = { requestId: state.requestId, credential, address: origin.addressOf(c) }
  const at = connectionId === undefined ? '' : runtimePath(connectionId)
  return replyOf(await subscriptions.subscribe(trigger, given, context), ({ view, locationToken }) => ({
    status: 201,
    headers: { location: `${base}${at}/subscriptions/${trigger.id}/${locationToken}` },
    body: view,
  }))
}

/** The handler of one subscription route. Logs show the template of the path, because the path itself contains the right to end a subscription. */
export function subscriptionHandler(
  route: SubscriptionRoute,
  options: SubscriptionHandlerOptions & { underRuntimeUrl: boolean },
): (c: HttpContext) => Promise<Response> {
  const { underRuntimeUrl, answer, origin, throttle } = options
  const routeInfo: RouteInfo = {
    route: (underRuntimeUrl ? RUNTIME_URL : '') + route.path,
    name: route.path,
    challenge: underRuntimeUrl ? 'bearer' : 'basic',
  }
  return (c) =>
    answer(c, routeInfo, async (state) => {
      const location = new Secret(c.req.param('location') ?? '')
      if (location.reveal()) state.secrets.push(location)
      try {
        return await route.run(c, state, options)
      } catch (error) {
        if (error instanceof SubscriptionNotFound) throttle.refuse(location.digest(LOCATION), origin.addressOf(c))
        throw error
      }
    })
}
