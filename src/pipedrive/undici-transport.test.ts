import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { TransportFailure, type UpstreamRequest } from './transport.ts'
import { createUndiciTransport, type UndiciTransportOptions } from './undici-transport.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const http = (listener: RequestListener) => listen(createServer(listener))
const tcp = (answer: (socket: Socket) => void) => listen(createTcpServer((socket) => socket.once('data', () => answer(socket))))

function transportWith(options?: UndiciTransportOptions) {
  const { transport, close } = createUndiciTransport(options)
  cleanUp.push(close)
  return transport
}
const get = (url: string, rest: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 5_000,
  ...rest,
})

const failureOf = async (attempt: Promise<unknown>): Promise<TransportFailure> => {
  const error = await attempt.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(TransportFailure)
  return error as TransportFailure
}

test('method, path, query, headers and body arrive, and status, headers and body come back', async () => {
  const url = await http((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      res.writeHead(201, { 'X-RateLimit-Remaining': '79' })
      res.end(JSON.stringify([req.method, req.url, req.headers['x-api-token'], Buffer.concat(chunks).toString()]))
    })
  })
  const body = JSON.stringify({ title: 'Möbel' })
  const answer = await transportWith()({ ...get(`${url}/api/v2/deals?a=1,2`), method: 'POST', headers: { 'x-api-token': 'k' }, body })
  expect(answer.status).toBe(201)
  expect(answer.headers['x-ratelimit-remaining']).toBe('79')
  expect(JSON.parse(answer.body)).toEqual(['POST', '/api/v2/deals?a=1,2', 'k', body])
})

async function countingConnections() {
  const ports = new Set<number | undefined>()
  const url = await http((req, res) => void (ports.add(req.socket.remotePort), res.end('{}')))
  return { url, connections: ports }
}

test('connections are kept: one request after the other opens no third one', async () => {
  const { url, connections } = await countingConnections()
  const transport = transportWith()
  for (let i = 0; i < 10; i++) await transport(get(url))
  // undici rests a socket for a turn of the event loop after each answer, so that two take turns.
  expect(connections.size).toBeLessThanOrEqual(2)
})

test('no more connections are opened than allowed', async () => {
  const { url, connections } = await countingConnections()
  const transport = transportWith({ connections: 3 })
  await Promise.all(Array.from({ length: 20 }, () => transport(get(url))))
  expect(connections.size).toBe(3)
})

test('a redirect is an answer, not followed', async () => {
  const asked: (string | undefined)[] = []
  const url = await http((req, res) => void (asked.push(req.url), res.writeHead(302, { location: '/elsewhere' }).end()))
  expect((await transportWith()(get(`${url}/a`))).status).toBe(302)
  expect(asked).toEqual(['/a'])
})

test('a refused connection has not reached Pipedrive', async () => {
  const server = createTcpServer()
  const url = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  const failure = await failureOf(transportWith()(get(url, { method: 'POST', body: '{}' })))
  expect(failure.reached).toBe('no')
  expect(failure.message).toContain('ECONNREFUSED')
})

test('an unknown host has not reached Pipedrive', async () => {
  expect((await failureOf(transportWith()(get('http://nobody.invalid/')))).reached).toBe('no')
})

test('a server that does not speak TLS has not seen the request', async () => {
  const seen: string[] = []
  const url = await listen(
    createTcpServer((socket) => socket.on('data', (data) => (seen.push(data.toString('latin1')), socket.end('HTTP/1.1 400 Bad\r\n\r\n')))),
  )
  const failure = await failureOf(transportWith()(get(url.replace('http:', 'https:'), { headers: { 'x-api-token': 'secret' } })))
  expect(failure.reached).toBe('no')
  expect(seen.join()).not.toContain('secret')
})

test('a connection that ends before the answer may have reached Pipedrive', async () => {
  const url = await tcp((socket) => socket.resetAndDestroy())
  expect((await failureOf(transportWith()(get(url, { method: 'POST', body: '{}' })))).reached).toBe('maybe')
})

test('an answer that ends before its length is no answer', async () => {
  const url = await tcp((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"success":true,'))
  expect((await failureOf(transportWith()(get(url)))).reached).toBe('maybe')
})

test('a chunked answer without its last chunk is no answer', async () => {
  const url = await tcp((socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n'))
  expect((await failureOf(transportWith()(get(url)))).reached).toBe('maybe')
})

test('something that is not HTTP is no answer', async () => {
  const url = await tcp((socket) => socket.end('220 mail.example.com ESMTP\r\n'))
  expect((await failureOf(transportWith()(get(url)))).reached).toBe('maybe')
})

test('an answer over the limit is given up before it is whole', async () => {
  const url = await http((_, res) => {
    const more = () => void (res.writable && res.write('x'.repeat(10_000), () => setImmediate(more)))
    more()
  })
  const failure = await failureOf(transportWith({ bodyLimitBytes: 100_000 })(get(url)))
  expect([failure.reached, failure.message]).toEqual(['maybe', 'the answer is larger than 100000 bytes'])
})

test('an empty 502 is an answer', async () => {
  const url = await http((_, res) => void res.writeHead(502).end())
  expect(await transportWith()(get(url))).toMatchObject({ status: 502, body: '' })
})

test('a server that never answers is given up after the time of the attempt', async () => {
  const url = await http(() => {})
  const failure = await failureOf(transportWith()(get(url, { timeoutMs: 50 })))
  expect([failure.reached, (failure.cause as Error).name]).toEqual(['maybe', 'TimeoutError'])
})

test('an answer that trickles is given up after the time of the attempt as a whole', async () => {
  const url = await http((_, res) => {
    const timer = setInterval(() => res.write(' '), 10)
    res.on('close', () => clearInterval(timer))
  })
  expect((await failureOf(transportWith()(get(url, { timeoutMs: 100 })))).reached).toBe('maybe')
})

test('a request that waited for a free connection in vain was never sent', async () => {
  const asked: (string | undefined)[] = []
  let first: (() => void) | undefined
  const url = await http((req, res) => {
    asked.push(req.url)
    first ??= () => res.end('{}')
    if (req.url !== '/first') res.end('{}')
  })
  const transport = transportWith({ connections: 1 })
  const holding = transport(get(`${url}/first`))
  const waiting = await failureOf(transport(get(`${url}/second`, { method: 'POST', body: '{}', timeoutMs: 50 })))
  expect(waiting.reached).toBe('no')
  first!()
  await holding
  await transport(get(`${url}/third`))
  expect(asked).toEqual(['/first', '/third'])
})

test('a request that found a connection only after its time was never sent', async () => {
  const asked: unknown[] = []
  const url = await http((req, res) => {
    asked.push(req.url)
    res.end('{}')
  })
  const transport = transportWith()
  const sending = failureOf(transport(get(`${url}/late`, { method: 'POST', body: '{}' })))
  // The process is stopped while it connects, and when it goes on no timer has had its turn yet.
  const now = performance.now.bind(performance)
  const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000)
  expect((await sending.finally(() => later.mockRestore())).reached).toBe('no')
  await transport(get(`${url}/next`))
  expect(asked).toEqual(['/next'])
})

test('a read is given up when its signal says so', async () => {
  const caller = new AbortController()
  const url = await http(() => caller.abort())
  expect((await failureOf(transportWith()(get(url, { signal: caller.signal })))).reached).toBe('maybe')
  expect((await failureOf(transportWith()(get(url, { signal: caller.signal })))).reached).toBe('no')
})
