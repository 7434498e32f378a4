import * as z from 'zod'
import type { ReplaySelection } from '../../delivery/subscriptions/subscriptions.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { Secret } from '../../kit/secret.ts'
import { id, text, wholeNumber } from './management-input.ts'
import { gone, list, ok, route, type ManagementRoute } from './management-route.ts'

const PATH = '/api/subscriptions'
const ONE = `${PATH}/{id}`

/** A query parameter without a value counts as absent. */
const state = <T extends string>(values: readonly [T, ...T[]]) => z.enum(values, `is not one of ${values.join(', ')}`).optional()
const page = { after: id.optional(), limit: wholeNumber.optional() }

/** A URL that starts a flow for anyone who has it, so it becomes a Secret here. */
const callbackUrl = text
  .trim()
  .min(1, 'is required')
  .transform((url) => new Secret(url))

const replayFields = z.object({
  delivery: id.optional(),
  since: z.iso.datetime({ offset: true, error: 'is no time as 2026-11-22T10:00:00Z' }).optional(),
  dead: z.literal(true, 'takes true').optional(),
})

function readReplay({ delivery, since, dead }: z.output<typeof replayFields>): ReplaySelection {
  const given: ReplaySelection[] = []
  if (delivery !== undefined) given.push({ delivery })
  if (since !== undefined) given.push({ since: new Date(since) })
  if (dead !== undefined) given.push({ dead })
  if (given.length === 1) return given[0]!
  throw new InvalidInput([{ field: 'delivery', message: 'send one of "delivery" (an id), "since" (a time) and "dead": true' }])
}

/** The management of existing subscriptions. They are created with a key, not with a token, on other routes. */
export const subscriptionManagement: readonly ManagementRoute[] = [
  route('GET', PATH, {
    query: z.object({ state: state(['active', 'paused', 'disabled', 'ended']), ...page }),
    run: async ({ subscriptions, owner, query }) => list(await subscriptions.list(owner, query)),
  }),
  route('GET', ONE, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription }) => ok(await subscriptions.get(owner, subscription)),
  }),
  route('PATCH', ONE, {
    of: 'subscription',
    body: z.object({ callbackUrl }),
    run: async ({ subscriptions, owner, id: subscription, body }) =>
      ok(await subscriptions.setUrl(owner, subscription, body.callbackUrl.reveal())),
  }),
  route('DELETE', ONE, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription }) => {
      await subscriptions.end(owner, subscription)
      return gone
    },
  }),
  route('POST', `${ONE}/pause`, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription }) => ok(await subscriptions.pause(owner, subscription)),
  }),
  route('POST', `${ONE}/resume`, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription }) => ok(await subscriptions.resume(owner, subscription)),
  }),
  route('POST', `${ONE}/test`, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription }) => ok(await subscriptions.test(owner, subscription)),
  }),
  route('POST', `${ONE}/replay`, {
    of: 'subscription',
    body: replayFields,
    run: async ({ subscriptions, owner, id: subscription, body }) => ok(await subscriptions.replay(owner, subscription, readReplay(body))),
  }),
  route('GET', `${ONE}/deliveries`, {
    of: 'subscription',
    query: z.object({ state: state(['pending', 'delivered', 'dead']), ...page }),
    run: async ({ subscriptions, owner, id: subscription, query }) => list(await subscriptions.listDeliveries(owner, subscription, query)),
  }),
  route('GET', `${ONE}/deliveries/{delivery}`, {
    of: 'subscription',
    run: async ({ subscriptions, owner, id: subscription, delivery }) => ok(await subscriptions.getDelivery(owner, subscription, delivery)),
  }),
]
