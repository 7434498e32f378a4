import { expect, test } from 'vitest'
import { deliverOverNetwork } from './deliver.ts'
import { receiver } from './receiver.fixture.ts'

const request = { method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000, publicOnly: false } as const

test('an endpoint that does not answer fails after the timeout', async () => {
  await using server = await receiver()
  server.nextAnswers.push('silence')
  expect(await deliverOverNetwork({ ...request, url: server.url, timeoutMs: 30 })).toEqual({ failed: 'no answer within 0.03 s' })
})

test('an IP address is not resolved, and refused if it is private', async () => {
  await using server = await receiver()
  expect(await deliverOverNetwork({ ...request, url: server.url, publicOnly: true })).toEqual({ failed: '127.0.0.1 is a private address' })
  expect(server.requests).toEqual([])
})

test('a HEAD asks without a body', async () => {
  await using server = await receiver()
  expect(await deliverOverNetwork({ ...request, method: 'HEAD', url: server.url })).toEqual({ status: 200 })
  expect(server.requests).toMatchObject([{ method: 'HEAD', body: '' }])
})
