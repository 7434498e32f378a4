import { request } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { eventually } from './eventually.fixture.ts'
import { sandboxCommand } from './command.ts'
import type { FaultRule } from './fault-rules.ts'
import { createSandbox } from './sandbox.ts'
import { serveSandbox } from './serve.ts'

const get = (url: string) => fetch(url, { headers: { 'x-api-token': 'sandbox-alice' } })

test('a served sandbox answers on its port until it is closed', async () => {
  const server = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  expect((await get(`${server.url}/api/v2/deals/1`)).status).toBe(200)
  await server.close()
  await expect(get(`${server.url}/api/v2/deals/1`)).rejects.toThrow()
})

test("the date header has the sandbox's time, not the machine's, and dateHeader removes it", async () => {
  const sandbox = createSandbox()
  sandbox.clock.freeze()
  await sandbox.clock.set('2031-02-03T04:05:06.789Z')
  const server = await serveSandbox({ sandbox, port: 0 })
  const dates = async () => {
    const sent = await Promise.all(['/api/v2/deals/1', '/api/v2/deals/999', '/v1/webhooks'].map((path) => get(server.url + path)))
    return sent.map(({ headers }) => headers.get('date'))
  }
  expect(await dates()).toEqual(Array(3).fill('Mon, 03 Feb 2031 04:05:06 GMT'))
  sandbox.behaviour.dateHeader = 'missing'
  expect(await dates()).toEqual([null, null, null])
  await server.close()
})

test('closing lets a request under way finish', async () => {
  const server = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json', connection: 'keep-alive' }
  const answer = new Promise<number | undefined>((resolve, reject) => {
    const post = request(`${server.url}/api/v2/deals`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    post.on('error', reject)
    post.write('{"title":', () => {
      setTimeout(() => {
        void server.close()
        post.end('"slow"}')
      }, 20)
    })
  })
  expect(await answer).toBe(200)
})

test('a port in use is an error', async () => {
  const server = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  await expect(serveSandbox({ sandbox: createSandbox(), port: server.port })).rejects.toThrow('EADDRINUSE')
  await server.close()
})

test('the command prints where the sandbox is and runs until it is stopped', async () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  const stop = new AbortController()
  const run = sandboxCommand.run({ port: '0' }, stop.signal)
  await eventually(() => expect(lines.join('')).toContain('sandbox-carol'))
  write.mockRestore()
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join(''))![0]
  expect((await get(`${url}/healthz`)).status).toBe(200)
  stop.abort()
  await run
  await expect(get(`${url}/healthz`)).rejects.toThrow()
})

test('an invalid port is refused', async () => {
  await expect(sandboxCommand.run({ port: 'http' }, AbortSignal.abort())).rejects.toThrow('--port must be a number')
})

describe('faults that break the connection break it on the wire', () => {
  const broken = async (rule: FaultRule) => {
    const sandbox = createSandbox()
    const server = await serveSandbox({ sandbox, port: 0 })
    const isThere = async () => (sandbox.faults.clear(), (await get(`${server.url}/api/v2/deals/31`)).status === 200)
    const fault = sandbox.faults.add(rule)
    const struck = () => eventually(() => expect(fault.hits).toBe(1))
    const create = (signal?: AbortSignal) =>
      fetch(`${server.url}/api/v2/deals`, {
        method: 'POST',
        headers: { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' },
        body: '{"title":"New"}',
        ...(signal && { signal }),
      })
    return { server, create, isThere, struck }
  }

  test.each([
    ['reset', 'before', false],
    ['reset', 'after', true],
  ] as const)('%s %s the commit', async (kind, when, done) => {
    const { server, create, isThere } = await broken({ kind, when })
    await expect(create()).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } })
    expect(await isThere()).toBe(done)
    await server.close()
  })

  test('refused: the connection is there already, so it is reset', async () => {
    const { server, create, isThere } = await broken({ kind: 'refused' })
    await expect(create()).rejects.toThrow('fetch failed')
    expect(await isThere()).toBe(false)
    await server.close()
  })

  test('truncated: the head and a part of the body arrive, then the connection ends', async () => {
    const { server, isThere } = await broken({ kind: 'truncated', bytes: 10 })
    const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
    const received = await new Promise((resolve, reject) => {
      const post = request(`${server.url}/api/v2/deals`, { method: 'POST', headers }, (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += String(chunk)))
        answer.on('error', (error) => resolve([answer.statusCode, text, answer.complete, error.message]))
      })
      post.on('error', reject)
      post.end('{"title":"New"}')
    })
    expect(received).toEqual([200, '{"success"', false, 'aborted'])
    expect(await isThere()).toBe(true)
    await server.close()
  })

  test('silent: there is no answer until the caller aborts', async () => {
    const { server, create, isThere, struck } = await broken({ kind: 'silent' })
    const caller = new AbortController()
    const pending = create(caller.signal).catch((error: unknown) => error)
    await struck()
    caller.abort()
    expect(await pending).toBeInstanceOf(Error)
    expect(await isThere()).toBe(true)
    await server.close()
  })

  test('a server that closes ends what a fault holds', async () => {
    const { server, create, struck } = await broken({ kind: 'silent' })
    const pending = create().catch((error: unknown) => String(error))
    await struck()
    await server.close()
    expect(await pending).toContain('fetch failed')
  })
})

test('--limits on refuses as Pipedrive does, and other values than on and off are refused', async () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  const stop = new AbortController()
  const run = sandboxCommand.run({ port: '0', limits: 'on' }, stop.signal)
  await eventually(() => expect(lines.join('')).toContain('sandbox-carol'))
  write.mockRestore()
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join(''))![0]
  expect(await (await get(`${url}/_sandbox/behaviour`)).json()).toMatchObject({ limits: 'on' })
  stop.abort()
  await run
  await expect(sandboxCommand.run({ port: '0', limits: 'yes' }, AbortSignal.abort())).rejects.toThrow('--limits must be on or off')
})

test('--strict-urls accepts only URLs that Pipedrive accepts', async () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  const stop = new AbortController()
  const run = sandboxCommand.run({ port: '0', strictUrls: 'true' }, stop.signal)
  await eventually(() => expect(lines.join('')).toContain('sandbox-carol'))
  write.mockRestore()
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join(''))![0]
  const body = JSON.stringify({ subscription_url: 'http://127.0.0.1:9/', event_action: '*', event_object: '*', name: 'x' })
  const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
  expect((await fetch(`${url}/v1/webhooks`, { method: 'POST', headers, body })).status).toBe(400)
  stop.abort()
  await run
})
