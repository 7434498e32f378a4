import { getRequestListener } from '@hono/node-server'
import { createServer, maxHeaderSize } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { newRequestId } from '../../kit/ids.ts'
import { InvalidRequest } from './errors/invalid-request.ts'
import type { Peer } from './http-context.ts'
import { wireError } from './wire-error.ts'

/** Below the 10 s after which process managers usually kill. */
const DRAIN_MS = 9_000
/** More than the 60 s for which most load balancers keep a connection: if this server closes it first, they answer 502. */
const KEEP_ALIVE_MS = 75_000
/** Headers and bodies here are small. A client that sends them slower than this holds connections open on purpose. */
const HEADERS_MS = 20_000
const REQUEST_MS = 60_000

export interface ServeOptions {
  fetch(request: Request, peer: Peer): Response | Promise<Response>
  hostname: string
  /** 0 uses a free one. */
  port: number
  drainMs?: number
}

/** A RunningServer is a `fetch` that serves a port until it is closed. */
export interface RunningServer {
  url: string
  port: number
  /** Accepts no new requests, lets the running ones finish, and resolves after `drainMs` at the latest. */
  close(): Promise<void>
}

export async function serveHttp({ fetch, hostname, port, drainMs = DRAIN_MS }: ServeOptions): Promise<RunningServer> {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname
  const sockets = new Set<Socket>()
  const busy = new Map<Socket, number>()
  const running = new Set<Promise<unknown>>()
  let closing = false

  const listener = getRequestListener(
    (request, peer) => {
      const response = Promise.resolve(fetch(request, peer as Peer))
      // A caller may disconnect while its write runs: open sockets alone do not show whether all calls have ended.
      const done = response.catch(() => undefined).finally(() => running.delete(done))
      running.add(done)
      return response
    },
    { hostname: host, errorHandler: refuse },
  )
  const server = createServer((incoming, outgoing) => {
    const { socket } = incoming
    busy.set(socket, (busy.get(socket) ?? 0) + 1)
    if (closing) outgoing.setHeader('connection', 'close')
    outgoing.once('close', () => {
      const left = busy.get(socket)! - 1
      if (left > 0) busy.set(socket, left)
      else busy.delete(socket)
      if (closing && left === 0) socket.destroySoon()
    })
    void listener(incoming, outgoing)
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.headersTimeout = HEADERS_MS
  server.requestTimeout = REQUEST_MS
  server.on('clientError', (error, socket) => {
    // A running call may have begun its response: nothing else can be written to that socket.
    if (socket.writable && !busy.has(socket as Socket)) socket.end(refuseUnparsed(error))
    else socket.destroy()
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(hostname, port, error)))
    server.listen(port, hostname, resolve)
  })
  const address = server.address() as AddressInfo

  return {
    port: address.port,
    url: `http://${host}:${address.port}`,
    async close() {
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) if (!busy.has(socket)) socket.destroy()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs)))
      await Promise.race([closed.then(() => Promise.all(running)), late])
      clearTimeout(timer)
      server.closeAllConnections()
    },
  }
}

/** Requests whose request line or Host header makes no URL never reach `fetch`. */
function refuse(error: unknown): Response {
  const { text, headers } = unreadable(error instanceof Error ? error.message : 'it is not HTTP', error)
  return new Response(text, { status: 400, headers })
}

/** A whole response: Node has no response object for a request that its parser rejects, and its own answer would be a bare status. */
function refuseUnparsed(error: NodeJS.ErrnoException): string {
  const why = error.code === 'HPE_HEADER_OVERFLOW' ? `its headers are larger than ${maxHeaderSize} bytes` : error.message
  const { text, headers } = unreadable(why, error)
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' })
  return ['HTTP/1.1 400 Bad Request', ...lines.map(([name, value]) => `${name}: ${value}`), '', text].join('\r\n')
}

function unreadable(why: string, cause: unknown): { text: string; headers: Record<string, string> } {
  const { body } = wireError(new InvalidRequest(`The request cannot be read: ${why}.`, cause), newRequestId())
  return { text: JSON.stringify(body), headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': body.requestId } }
}

function cannotListen(hostname: string, port: number, error: NodeJS.ErrnoException): Error {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program listens there. Stop it or choose another port'
      : error.code === 'EACCES'
        ? 'the system does not let this user listen there. Choose a port above 1023'
        : error.message
  return new Error(`Cannot listen on ${hostname}, port ${port}: ${why}.`, { cause: error })
}
