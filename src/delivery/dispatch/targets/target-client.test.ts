import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../../kit/eventually.fixture.ts'
import { Secret } from '../../../kit/secret.ts'
import type { TargetPolicy } from '../../deps.ts'
import type { ResolvedAddress, Resolve } from './resolve.ts'
import { createTargetClient, type TargetClient, type TargetClientOptions } from './target-client.ts'
import { tls } from './tls.fixture.ts'

const loopback: TargetPolicy = { hosts: 'any', allowed: ['127.0.0.0/8'] }
const strict: TargetPolicy = { hosts: 'any', allowed: [] }
const NAME = 'receiver.example.com'
const standsFor =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address): ResolvedAddress => ({ address, family: address.includes(':') ? 6 : 4 })))

const open: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        if ('closeAllConnections' in server) (server as ReturnType<typeof createHttpServer>).closeAllConnections()
      }),
  })
  return (server.address() as AddressInfo).port
}
const http = (answer: RequestListener) => listen(createHttpServer(answer))
const https = (answer: RequestListener) => listen(createHttpsServer(tls, answer))

function client(options: Partial<TargetClientOptions> = {}): TargetClient {
  const made = createTargetClient({ policy: loopback, ...options })
  open.push(made)
  return made
}
const send = (to: TargetClient, url: string, signal = new AbortController().signal) =>
  to.send({ url: new Secret(url), headers: { 'content-type': 'application/json' }, body: '{"id":1}', signal })
const failed = (words: string) => ({ status: null, reason: expect.stringContaining(words) as string, stopped: false })

describe('requests that are not sent', () => {
  test('a name with a private address, with one among others, or with none', async () => {
    let requests = 0
    const port = await https((_, response) => response.end(String(requests++)))
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['64:ff9b::7f00:1'],
      ['169.254.169.254'],
      ['::1'],
      [],
    ])
      expect(await send(client({ policy: strict, resolve: standsFor(...addresses), ca: tls.cert }), `https://${NAME}:${port}/`)).toEqual(
        failed('an address that is not permitted'),
      )
    expect(requests).toBe(0)
  })

  test('an IP address in the URL', async () => {
    let requests = 0
    const port = await https((_, response) => response.end(String(requests++)))
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', '0x7f.1'])
      expect(await send(client({ policy: strict, ca: tls.cert }), `https://${host}:${port}/`)).toEqual(failed('not on the public internet'))
    expect(requests).toBe(0)
  })

  test('a name that resolves differently the second time (DNS rebinding)', async () => {
    const port = await http((_, response) => response.setHeader('connection', 'close').end())
    let inner = 0
    const secret = createHttpServer((_, response) => response.end(String(inner++)))
    await new Promise<void>((resolve) => secret.listen(port, '127.0.0.2', resolve))
    open.push({ close: () => new Promise((resolve) => secret.close(resolve)) })
    const addresses = ['127.0.0.1', '127.0.0.2']
    const resolve: Resolve = (name) => standsFor(addresses.shift() ?? '127.0.0.2')(name)
    const rebound = client({ policy: { hosts: 'any', allowed: ['127.0.0.1'] }, resolve })
    expect(await send(rebound, `http://${NAME}:${port}/`)).toMatchObject({ status: 200 })
    expect(await send(rebound, `http://${NAME}:${port}/`)).toEqual(failed('an address that is not permitted'))
    expect(inner).toBe(0)
  })

  test('the checked address is the one that is connected to: the name is resolved once', async () => {
    const port = await http((_, response) => response.end())
    let requests = 0
    const resolve: Resolve = (name) => standsFor(requests++ === 0 ? '127.0.0.1' : '192.0.2.1')(name)
    expect(await send(client({ resolve }), `http://${NAME}:${port}/`)).toMatchObject({ status: 200 })
    expect(requests).toBe(1)
  })

  test('a public address over http', async () => {
    expect(await send(client({ resolve: standsFor('8.8.8.8') }), `http://${NAME}/`)).toEqual(failed('not over http'))
    expect(await send(client({ policy: strict, resolve: standsFor('8.8.8.8') }), `http://${NAME}/`)).toEqual(failed('http://'))
  })

  test('a URL that the policy refuses now, although it accepted it at the subscription', async () => {
    const policy: TargetPolicy = { hosts: 'microsoft', allowed: [] }
    expect(await send(client({ policy, resolve: standsFor('8.8.8.8') }), `https://${NAME}/`)).toEqual(failed('Power Automate'))
  })

  test('the target of a redirect', async () => {
    let requests = 0
    const elsewhere = await http((_, response) => response.end(String(requests++)))
    const port = await http((_, response) => response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/` }).end())
    expect(await send(client(), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 307 })
    expect(requests).toBe(0)
  })

  test('a proxy of the environment', async () => {
    let proxied = 0
    const proxy = await http((_, response) => response.end(String(proxied++)))
    const port = await http((_, response) => response.end())
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'NODE_USE_ENV_PROXY'] as const
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${proxy}`
    try {
      expect(await send(client(), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 200 })
    } finally {
      for (const name of names) delete process.env[name]
    }
    expect(proxied).toBe(0)
  })
})

describe('certificates', () => {
  const local = { resolve: standsFor('127.0.0.1') }

  test('a trusted certificate for the name is accepted', async () => {
    let host: string | undefined
    const port = await https((request, response) => {
      host = request.headers.host
      response.writeHead(202).end()
    })
    expect(await send(client({ ...local, ca: tls.cert }), `https://${NAME}:${port}/`)).toMatchObject({ status: 202 })
    expect(host).toBe(`${NAME}:${port}`)
  })

  test('a certificate for another name, or an untrusted one, is rejected, regardless of the environment', async () => {
    let requests = 0
    const port = await https((_, response) => response.end(String(requests++)))
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect(await send(client({ ...local, ca: tls.cert }), `https://other.example.com:${port}/`)).toEqual(failed('for another name'))
      expect(await send(client(local), `https://${NAME}:${port}/`)).toEqual(failed('self-signed'))
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    expect(requests).toBe(0)
  })
})

describe('the response of an endpoint', () => {
  test('is returned with status, Retry-After and body', async () => {
    const port = await http((_, response) => response.writeHead(503, { 'retry-after': '7' }).end('{"error":1}'))
    expect(await send(client(), `http://127.0.0.1:${port}/a?sig=b`)).toEqual({ status: 503, retryAfter: '7', body: '{"error":1}' })
  })

  test('is read up to 64 kB, without waiting for the rest', async () => {
    let broken = false
    const port = await http((_, response) => {
      response.on('close', () => (broken = !response.writableFinished))
      response.writeHead(200)
      const more = (): void => void (response.write('x'.repeat(16_384)) ? setImmediate(more) : response.once('drain', more))
      more()
    })
    const answer = await send(client(), `http://127.0.0.1:${port}/`)
    expect(answer).toMatchObject({ status: 200 })
    expect('body' in answer && answer.body.length).toBe(65_536)
    await eventually(() => expect(broken).toBe(true))
  })

  test('is not decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    let accepted: string | undefined
    const port = await http((request, response) => {
      accepted = request.headers['accept-encoding']
      response.writeHead(400, { 'content-encoding': 'gzip' }).end(bomb)
    })
    const answer = await send(client(), `http://127.0.0.1:${port}/`)
    expect(answer).toMatchObject({ status: 400 })
    expect('body' in answer && Buffer.byteLength(answer.body)).toBeLessThan(200_000)
    expect(accepted).toBeUndefined()
  })

  test('is limited by the timeout: before the headers …', async () => {
    let broken = false
    const port = await http((request) => request.socket.on('close', () => (broken = true)))
    expect(await send(client({ timeoutMs: 100 }), `http://127.0.0.1:${port}/`)).toEqual(failed('no response within 0.1 s'))
    await eventually(() => expect(broken).toBe(true))
  })

  test('… and byte by byte: then the status counts', async () => {
    const port = await http((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 10)
      response.on('close', () => clearInterval(timer))
    })
    expect(await send(client({ timeoutMs: 200 }), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 200 })
  })

  test('the timeout covers a name server that does not respond', async () => {
    const resolve: Resolve = () => new Promise(() => {})
    expect(await send(client({ resolve, timeoutMs: 100 }), `http://${NAME}/`)).toEqual(failed('no response within'))
  })

  test('a closed connection, a refused one, and a response that is not HTTP have different reasons', async () => {
    const broken = await http((request) => request.socket.destroy())
    expect(await send(client(), `http://127.0.0.1:${broken}/`)).toEqual(failed('closed the connection'))
    const free = await listen(createServer())
    await open.pop()!.close()
    expect(await send(client(), `http://127.0.0.1:${free}/`)).toEqual(failed('no server listens there'))
    const strange = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n', () => socket.destroy()))
    expect(await send(client(), `http://127.0.0.1:${await listen(strange)}/`)).toEqual(failed('did not respond in HTTP'))
    const nowhere: Resolve = () => Promise.reject(Object.assign(new Error('queryA'), { code: 'ENOTFOUND' }))
    expect(await send(client({ resolve: nowhere }), `http://${NAME}/`)).toEqual(failed('DNS has no such host'))
  })

  test('an aborted request is neither a failure nor a response', async () => {
    const port = await http(() => undefined)
    const stopping = new AbortController()
    const sent = send(client(), `http://127.0.0.1:${port}/`, stopping.signal)
    stopping.abort()
    expect(await sent).toMatchObject({ status: null, stopped: true })
    expect(await send(client(), `http://127.0.0.1:${port}/`, stopping.signal)).toMatchObject({ status: null, stopped: true })
  })

  test('no reason contains the URL', async () => {
    const url = `http://127.0.0.1:1/path?sig=s3cret`
    expect(JSON.stringify(await send(client(), url))).not.toMatch(/s3cret|path/)
    expect(JSON.stringify(await send(client({ policy: strict }), url))).not.toMatch(/s3cret|path/)
  })

  test('a slow endpoint does not delay others on the same host', async () => {
    const port = await http((request, response) => void (request.url === '/slow' || response.end()))
    const to = client({ timeoutMs: 5_000 })
    const stopping = new AbortController()
    const slow = Array.from({ length: 50 }, () => send(to, `http://127.0.0.1:${port}/slow`, stopping.signal))
    expect(await send(to, `http://127.0.0.1:${port}/quick`)).toMatchObject({ status: 200 })
    stopping.abort()
    await Promise.all(slow)
  })
})
