import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createSandbox } from './sandbox.ts'
import { serveSandbox, type ServedSandbox } from './serve.ts'

const served: ServedSandbox[] = []
afterEach(async () => void (await Promise.all(served.splice(0).map((server) => server.close()))))

/** A real request with a Host header, which fetch does not set. */
async function serving(hosts: readonly string[] = [], hostname?: string) {
  const sandbox = createSandbox({ hosts })
  const server = await serveSandbox({ sandbox, port: 0, ...(hostname !== undefined && { hostname }) })
  served.push(server)
  const ask = (host: string, path = '/api/v2/deals/1'): Promise<{ status: number | undefined; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { host, 'x-api-token': 'sandbox-alice' }
      const asked = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode, text }))
      })
      asked.on('error', reject).end()
    })
  return { sandbox, ask }
}

test('on a loopback address the whole sandbox refuses a host that is not this machine, and the answer names the option', async () => {
  const { sandbox, ask } = await serving()
  for (const host of ['rebound.example', 'rebound.example:8081', '10.0.0.1', 'localhost.rebound.example'])
    for (const path of ['/api/v2/deals/1', '/v1/webhooks', '/', '/_sandbox/requests', '/healthz', '/nothing']) {
      const { status, text } = await ask(host, path)
      expect([status, text], `${host} ${path}`).toEqual([421, expect.stringContaining('--allow-host')])
    }
  expect(sandbox.requests()).toEqual([])
  for (const host of ['localhost', 'LocalHost:1', '127.0.0.1:8081', '[::1]', 'sandbox.localhost'])
    expect((await ask(host)).status, host).toBe(200)
})

test('allowed names are served, everywhere', async () => {
  const { ask } = await serving(['Sandbox', 'api.pipedrive.com'])
  for (const host of ['sandbox:8081', 'SANDBOX', 'api.pipedrive.com'])
    for (const path of ['/api/v2/deals/1', '/_sandbox/requests']) expect((await ask(host, path)).status, host).toBe(200)
  expect((await ask('rebound.example')).status).toBe(421)
})

test('on an address of the network every name is served, and with allowed names only those and addresses', async () => {
  const open = await serving([], '0.0.0.0')
  expect((await open.ask('sandbox')).status).toBe(200)
  expect((await open.ask('sandbox', '/_sandbox/requests')).status).toBe(403)
  const named = await serving(['sandbox'], '0.0.0.0')
  for (const host of ['sandbox', '10.0.0.1:8081', 'localhost']) expect((await named.ask(host)).status, host).toBe(200)
  expect((await named.ask('rebound.example')).status).toBe(421)
})
