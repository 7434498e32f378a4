import { createAdaptorServer } from '@hono/node-server'
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
  /** Stops accepting, finishes the requests under way, ends idle connections. */
  close(): Promise<void>
}

/** How often a closing server looks for connections whose last request is finished. */
const SWEEP_MS = 20

export async function serveSandbox({ sandbox, port, hostname = '127.0.0.1' }: ServeSandboxOptions): Promise<ServedSandbox> {
  const server = createAdaptorServer({ fetch: sandbox.fetch }) as Server
  server.listen(port, hostname)
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${taken}`,
    port: taken,
    async close() {
      const closed = once(server, 'close')
      server.close()
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
      await closed
      clearInterval(sweep)
    },
  }
}
