import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { walks } from '../../tools/conformance/walks.ts'
import { manualClock } from '../../src/kit/clock.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import { routes } from '../../sandbox/src/routes.ts'
import { serveSandbox, type ServedSandbox } from '../../sandbox/src/serve.ts'
import { clientWalker } from './client-walker.ts'
import { clientMethods } from './client-methods.ts'

// The scenarios of `npm run check:sandbox`, with Pipedrive's own client and over a real port.
const sandbox = createSandbox({ clock: manualClock(), deliver: () => Promise.resolve({ status: 200 }) })
let server: ServedSandbox
/** Which of the sandbox's routes were asked: `GET /api/v1/deals/{}/flow`. */
const asked = new Set<string>()

const anonymous = (path: string): string => path.replace(/:\w+/g, '{}')
/** If two routes match, the first one answers, as in the sandbox. */
const patterns = routes.map(({ method, path }) => ({
  name: anonymous(`${method} ${path}`),
  pattern: new RegExp(`^${method} ${path.replace(/:\w+/g, '[^/]+')}$`),
}))
const routeOf = (request: string): string => patterns.find(({ pattern }) => pattern.test(request))?.name ?? request

beforeAll(async () => void (server = await serveSandbox({ sandbox, port: 0 })))
beforeEach(() => sandbox.reset())
afterAll(() => server.close())

describe.each(['/v1', '/api/v1'])('with v1 below %s', (v1) => {
  test.each(Object.entries(walks))('the official client runs the scenario %s', async (_, walk) => {
    const { walker, notTaken } = clientWalker(
      () => ({ url: server.url, v1 }),
      'sandbox-alice',
      (length) => sandbox.clock.advance(length),
    )
    await walk(walker)
    for (const { method, path } of sandbox.requests()) asked.add(routeOf(`${method} ${path.split('?')[0]}`))
    expect([...notTaken]).toEqual([])
  })
})

test('the official client calls all 214 routes of the sandbox, which are 166 operations of Pipedrive', () => {
  const served = new Set(routes.map(({ method, path }) => anonymous(`${method} ${path}`)))
  // A route that the client has no method for would have to stand here, with the reason.
  expect([...served].filter((route) => !asked.has(route))).toEqual([])
  expect([...asked].filter((route) => !served.has(route))).toEqual([])
  expect([served.size, clientMethods.size]).toEqual([214, 166])
})
