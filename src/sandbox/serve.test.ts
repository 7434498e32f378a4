import { request } from 'node:http'
import { expect, test, vi } from 'vitest'
import { sandboxCommand } from './command.ts'
import { createSandbox } from './sandbox.ts'
import { serveSandbox } from './serve.ts'

const get = (url: string) => fetch(url, { headers: { 'x-api-token': 'sandbox-alice' } })

test('a served sandbox answers on its port until it is closed', async () => {
  const server = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  expect((await get(`${server.url}/api/v2/deals/1`)).status).toBe(200)
  await server.close()
  await expect(get(`${server.url}/api/v2/deals/1`)).rejects.toThrow()
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

test('a port that is taken is an error', async () => {
  const server = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  await expect(serveSandbox({ sandbox: createSandbox(), port: server.port })).rejects.toThrow('EADDRINUSE')
  await server.close()
})

test('the command prints where the sandbox is and runs until it is stopped', async () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  const stop = new AbortController()
  const run = sandboxCommand.run({ port: '0' }, stop.signal)
  await vi.waitFor(() => expect(lines.join('')).toContain('sandbox-carol'))
  write.mockRestore()
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join(''))![0]
  expect((await get(`${url}/healthz`)).status).toBe(200)
  stop.abort()
  await run
  await expect(get(`${url}/healthz`)).rejects.toThrow()
})

test('a port that is none is refused', async () => {
  await expect(sandboxCommand.run({ port: 'http' }, AbortSignal.abort())).rejects.toThrow('--port is a number')
})
