import { Agent, get, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { catalog } from '../../catalog/index.ts'
import { withReport } from '../../engine/call-report.ts'
import type { Engine } from '../../engine/engine.ts'
import { silentLogger } from '../../kit/logger.ts'
import type { Peer } from './http-context.ts'
import { createHttpAdapter } from './http-adapter.ts'
import { MAX_BODY_BYTES } from './read-body.ts'
import { serveHttp, type RunningServer, type ServeOptions } from './serve-http.ts'

const servers: RunningServer[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(fetch: ServeOptions['fetch'], options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await serveHttp({ fetch, hostname: '127.0.0.1', port: 0, ...options })
  servers.push(server)
  return server
}

function createApp(execute: (input: Record<string, unknown>) => Promise<unknown>) {
  const engine: Engine = {
    execute: (_, input) => withReport(() => execute(input)),
    poll: () => withReport(() => Promise.resolve({ items: [], state: 's', retryAfterSeconds: 120 })),
  }
  const app = createHttpAdapter({ catalog, engine, logger: silentLogger, version: '0', swagger: () => ({}) })
  return (asked: Request, peer: Peer) => app.fetch(asked, peer)
}

/** A gate blocks until it is opened. */
function gate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

async function raw(server: RunningServer, ...parts: string[]): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'connect')
  for (const part of parts) socket.write(part)
  return socket
}

const HEAD = 'Host: bridge\r\nx-api-key: k\r\ncontent-type: application/json\r\n'

test('a request over a socket reaches the adapter with its body, and its answer has a length', async () => {
  const server = await start(createApp((input) => Promise.resolve(input)))
  const response = await fetch(`${server.url}/v1/activities`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'content-type': 'application/json' },
    body: '{"subject":"Größe"}',
  })
  expect(await response.json()).toEqual({ subject: 'Größe' })
  expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength('{"subject":"Größe"}')))
})

test('a 202 over a socket has no body, neither chunks nor bytes', async () => {
  const server = await start(createApp(() => Promise.resolve({})))
  const socket = await raw(server, `GET /trigger/v1/deals HTTP/1.1\r\nConnection: close\r\n${HEAD}\r\n`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 202 /)
  expect(answer).toMatch(/location: http:\/\/bridge\/trigger\/v1\/deals\?triggerstate=s\r\n/i)
  expect(answer).toMatch(/content-length: 0\r\n[^]*\r\n\r\n$/i)
  expect(answer).not.toMatch(/transfer-encoding/i)
})

test('a chunked body that does not end gets its 413 while it is still being sent', async () => {
  const server = await start(createApp(() => Promise.reject(new Error('never reached'))))
  const socket = await raw(server, `POST /v1/activities HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEAD}\r\n`)
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
  for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 65_536) socket.write(chunk)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*"code":"BodyTooLarge"/)
})

test('a body with too large an announced length gets its 413 without being sent', async () => {
  const server = await start(createApp(() => Promise.reject(new Error('never reached'))))
  const socket = await raw(server, `POST /v1/activities HTTP/1.1\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n${HEAD}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /)
})

test('a chunked body below the limit is read like any other', async () => {
  const server = await start(createApp((input) => Promise.resolve(input)))
  const socket = await raw(
    server,
    `POST /v1/activities HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n${HEAD}\r\n`,
    '6\r\n{"subj\r\n',
    '9\r\nect":"x"}\r\n0\r\n\r\n',
  )
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*{"subject":"x"}/)
})

test('a Host header that makes no URL is a 400 in the usual form', async () => {
  const server = await start(createApp(() => Promise.resolve({})))
  const socket = await raw(server, 'GET /trigger/v1/deals HTTP/1.1\r\nHost: evil.example/x?\r\nx-api-key: k\r\nConnection: close\r\n\r\n')
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"InvalidRequest"/)
  expect(answer).not.toMatch(/evil|location:/i)
})

test('the adapter receives the address of the peer', async () => {
  const server = await start((_, peer) => new Response(peer.incoming?.socket.remoteAddress ?? 'none'))
  expect(await (await fetch(server.url)).text()).toBe('127.0.0.1')
})

test('a caller that hangs up does not stop the write that it began, and closing waits for it', async () => {
  const began = gate()
  const upstream = gate()
  const steps: string[] = []
  const app = createApp(async () => {
    began.open()
    await upstream.opened
    steps.push('written')
    return { id: 1 }
  })
  let lost: Promise<unknown> | undefined
  const server = await start((asked, peer) => {
    lost = once(peer.incoming!.socket as Socket, 'close')
    return app(asked, peer)
  })
  const socket = await raw(server, `POST /v1/activities HTTP/1.1\r\nContent-Length: 2\r\n${HEAD}\r\n{}`)
  await began.opened
  socket.destroy()
  await lost
  const closed = server.close().then(() => steps.push('closed'))
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
  upstream.open()
  await closed
  expect(steps).toEqual(['written', 'closed'])
})

test('a running request is answered in full while the server closes, and nothing new is taken', async () => {
  const began = gate()
  const upstream = gate()
  const agent = new Agent({ keepAlive: true })
  const server = await start(
    createApp(async () => {
      began.open()
      await upstream.opened
      return { id: 1 }
    }),
  )
  const asked = get(`${server.url}/v1/deals/1`, { agent, headers: { 'x-api-key': 'k' } })
  const response = once(asked, 'response') as Promise<[IncomingMessage]>
  await began.opened
  const closed = server.close()
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
  upstream.open()
  expect(await text((await response)[0])).toBe('{"id":1}')
  await closed
  agent.destroy()
})

test('neither idle keep-alive connections, nor silent ones, nor half a request delay the closing', async () => {
  const agent = new Agent({ keepAlive: true })
  const server = await start(() => new Response('ok'), { drainMs: 60_000 })
  const asked = request(server.url, { agent }).end()
  await text(((await once(asked, 'response')) as [IncomingMessage])[0])
  const others = [await raw(server), await raw(server, 'GET / HTTP/1.1\r\nHost: x\r\n')]
  const ended = others.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  await server.close()
  await Promise.all(ended)
  agent.destroy()
})

test('a request that never ends delays the closing no longer than the drain time', async () => {
  const began = gate()
  const server = await start(
    () => {
      began.open()
      return new Promise<Response>(() => undefined)
    },
    { drainMs: 50 },
  )
  const failure = fetch(server.url).catch((error: unknown) => error)
  await began.opened
  await server.close()
  expect(await failure).toMatchObject({ message: 'fetch failed' })
})

test.each([
  ['not HTTP', 'hello\r\n\r\n', /cannot be read/],
  ['too large', `GET / HTTP/1.1\r\nHost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`, /headers are larger than \d+ bytes/],
])('a request that is %s gets an error in the form of all errors', async (_, sent, message) => {
  const server = await start(() => new Response('ok'))
  const [head, body] = (await text(await raw(server, sent))).split('\r\n\r\n')
  expect(head).toContain('HTTP/1.1 400 ')
  expect(JSON.parse(body!)).toMatchObject({ statusCode: 400, code: 'InvalidRequest', message: expect.stringMatching(message), details: [] })
})

test('closing twice is closing once', async () => {
  const server = await start(() => new Response('ok'))
  await Promise.all([server.close(), server.close()])
})

test('a port that is taken is named in the error', async () => {
  const { port } = await start(() => new Response('ok'))
  await expect(serveHttp({ fetch: () => new Response('ok'), hostname: '127.0.0.1', port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1, port ${port}: another program listens there.`,
  )
})

test('an IPv6 address is bracketed in the URL', async () => {
  const server = await start(() => new Response('ok'), { hostname: '::1' })
  expect(server.url).toBe(`http://[::1]:${server.port}`)
  expect(await (await fetch(server.url)).text()).toBe('ok')
})
