import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostRefusal } from './allowed-hosts.ts'
import type { Sandbox } from './sandbox.ts'

export interface ServeSandboxOptions {
  sandbox: Sandbox
  /** 0 for any free port. */
  port: number
  hostname?: string
}

/** A ServedSandbox is a sandbox that listens on a port. */
export interface ServedSandbox {
  url: string
  port: number
  /** Stops listening, gives active requests two seconds to finish, and closes all connections. */
  close(): Promise<void>
}

/** How often a closing server closes idle connections. */
const SWEEP_MS = 20
/** A request that takes longer is held by a fault, perhaps permanently. */
const GRACE_MS = 2_000

export async function serveSandbox({ sandbox, port, hostname = '127.0.0.1' }: ServeSandboxOptions): Promise<ServedSandbox> {
  const answer = async (request: Request, { outgoing }: HttpBindings): Promise<Response> => {
    // The sandbox sets the date header by its own clock.
    outgoing.sendDate = false
    const error = hostRefusal(hostname, request.headers.get('host'), sandbox.hosts)
    if (error !== undefined) return Response.json({ success: false, error }, { status: 421 })
    const exchange = await sandbox.exchange(request)
    if (exchange.kind === 'answered') return exchange.response
    const { socket } = outgoing
    if (exchange.kind === 'truncated') outgoing.writeHead(exchange.status, exchange.headers).write(exchange.part, () => socket?.end())
    // An accepted connection cannot be refused any more: a reset is closest.
    else if (exchange.kind !== 'silent') socket?.resetAndDestroy()
    return RESPONSE_ALREADY_SENT
  }
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, env as HttpBindings) }) as Server
  server.listen(port, hostname)
  await once(server, 'listening')
  const { port: actualPort } = server.address() as AddressInfo
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${actualPort}`,
    port: actualPort,
    async close() {
      const closed = once(server, 'close')
      server.close()
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
      const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearInterval(sweep)
      clearTimeout(grace)
    },
  }
}
