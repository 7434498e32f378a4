import { expect, test } from 'vitest'
import { deliverOverNetwork } from './deliver.ts'
import { receiver } from './receiver.fixture.ts'

const request = { method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000, publicOnly: false } as const

test('who stays silent is given up after the time that he has', async () => {
  await using server = await receiver()
  server.nextAnswers.push('silence')
  expect(await deliverOverNetwork({ ...request, url: server.url, timeoutMs: 30 })).toEqual({ failed: 'no answer within 0.03 s' })
})

test('an address that is no name is not looked up, and still not reached when it is private', async () => {
  await using server = await receiver()
  expect(await deliverOverNetwork({ ...request, url: server.url, publicOnly: true })).toEqual({ failed: '127.0.0.1 is a private address' })
  expect(server.requests).toEqual([])
})

test('a HEAD asks without a body', async () => {
  await using server = await receiver()
  expect(await deliverOverNetwork({ ...request, method: 'HEAD', url: server.url })).toEqual({ status: 200 })
  expect(server.requests).toMatchObject([{ method: 'HEAD', body: '' }])
})
