import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sandbox } from './sandbox.ts'

export interface ServeSandboxOptions {
  sandbox: Sandbox
  /** 0 takes any free port. */
  port: number
  hostname?: string
}

/** A ServedSandbox is a sandbox on a port. */
export interface ServedSandbox {
  url: string
  port: number
  /** Stops accepting, lets the requests under way finish for two seconds, and ends all connections. */
  close(): Promise<void>
}

/** How often a closing server looks for connections whose last request is finished. */
const SWEEP_MS = 20
/** What is not finished then is held by a fault, perhaps for ever. */
const GRACE_MS = 2_000

export async function serveSandbox({ sandbox, port, hostname = '127.0.0.1' }: ServeSandboxOptions): Promise<ServedSandbox> {
  const answer = async (request: Request, { outgoing }: HttpBindings): Promise<Response> => {
    // The sandbox's clock is the one that tells the time here.
    outgoing.sendDate = false
    const exchange = await sandbox.exchange(request)
    if (exchange.kind === 'answered') return exchange.response
    const { socket } = outgoing
    if (exchange.kind === 'truncated') outgoing.writeHead(exchange.status, exchange.headers).write(exchange.part, () => socket?.end())
    // Who is connected already cannot be refused: a reset is as near as it gets.
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
