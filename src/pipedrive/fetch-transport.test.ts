import { expect, test } from 'vitest'
import { createFetchTransport } from './fetch-transport.ts'
import { TransportFailure, type UpstreamRequest } from './transport.ts'

const request: UpstreamRequest = {
  method: 'POST',
  url: 'https://pipedrive.test/api/v2/deals',
  headers: { 'x-api-token': 'k' },
  body: '{}',
  timeoutMs: 5_000,
}
const failureOf = async (attempt: Promise<unknown>) => {
  const error = await attempt.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(TransportFailure)
  return error as TransportFailure
}

test('a request goes through and its answer comes back, redirects too', async () => {
  const transport = createFetchTransport(async (got) =>
    Response.json([got.method, got.url, got.headers.get('x-api-token'), await got.text()], { status: 307, headers: { 'X-A': 'b' } }),
  )
  const { status, headers, body } = await transport(request)
  expect([status, headers['x-a'], JSON.parse(body)]).toEqual([307, 'b', ['POST', request.url, 'k', '{}']])
})

test('what a handler throws may have happened after the request was worked on', async () => {
  const transport = createFetchTransport(() => Promise.reject(new Error('fell over')))
  expect(await failureOf(transport(request))).toMatchObject({ reached: 'maybe', message: 'fell over' })
})

test('a handler that is deaf to the signal is left behind when its time is over', async () => {
  const failure = await failureOf(createFetchTransport(() => new Promise(() => {}))({ ...request, timeoutMs: 20 }))
  expect([failure.reached, (failure.cause as Error).name]).toEqual(['maybe', 'TimeoutError'])
})

test('a caller that has hung up already causes no request', async () => {
  let asked = 0
  const transport = createFetchTransport(() => (asked++, Promise.resolve(new Response('{}'))))
  await failureOf(transport({ ...request, signal: AbortSignal.abort() }))
  expect(asked).toBe(0)
})

test('a refused connection was not reached, a reset one may have been', async () => {
  const failWith = (code: string) => () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }))
  const refused = await failureOf(createFetchTransport(failWith('ECONNREFUSED'))(request))
  expect([refused.reached, refused.message]).toEqual(['no', 'fetch failed (ECONNREFUSED)'])
  expect((await failureOf(createFetchTransport(failWith('ECONNRESET'))(request))).reached).toBe('maybe')
})
