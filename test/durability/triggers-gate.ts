import { once } from 'node:events'
import { Agent, createServer, request as ask, type IncomingHttpHeaders } from 'node:http'

/** A GatedRequest is one request to the connector. */
export interface GatedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/**
 * What a gate does with a request: forward it, refuse it as a proxy without a server does, break the connection after the connector processed
 * it, or return 200 and withhold it, so that the test can send it later.
 */
export type GateRule = (request: GatedRequest) => 'pass' | 'refuse' | 'lose the answer' | 'withhold'

/** A Gate is the load balancer of the connector processes. It has their public URL, whichever of them run. */
export interface Gate {
  url: string
  /** All webhooks that Pipedrive has sent. */
  readonly webhooks: readonly GatedRequest[]
  readonly withheld: readonly GatedRequest[]
  /** Calls `listener` for each webhook that a process answered with 200, before Pipedrive receives that answer. */
  onAccepted(listener: (hook: GatedRequest) => void): void
  setRule(rule: GateRule): void
  /** Forwards to these ports in turn. */
  setBackends(ports: readonly number[]): void
  close(): Promise<void>
}

export async function openGate(port: number): Promise<Gate> {
  const agent = new Agent({ keepAlive: true })
  const webhooks: GatedRequest[] = []
  const withheld: GatedRequest[] = []
  let rule: GateRule = () => 'pass'
  let onAccepted: (hook: GatedRequest) => void = () => undefined
  let ports: readonly number[] = []
  let turn = 0

  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      const body = Buffer.concat(chunks)
      const gated = { method, path, headers, body: body.toString() }
      if (path.includes('/hooks/')) webhooks.push(gated)
      const action = rule(gated)
      if (action === 'refuse') return outgoing.writeHead(502).end()
      if (action === 'withhold') {
        withheld.push(gated)
        return outgoing.writeHead(200).end()
      }
      const disconnect = () => incoming.socket.destroy()
      const backend = ports[turn++ % ports.length]
      if (backend === undefined) return disconnect()
      ask({ host: '127.0.0.1', port: backend, method, path, headers, agent }, (answer) => {
        if (answer.statusCode === 200 && path.includes('/hooks/')) onAccepted(gated)
        if (action === 'lose the answer') return answer.resume().on('end', disconnect)
        outgoing.writeHead(answer.statusCode!, answer.headers)
        return answer.pipe(outgoing)
      })
        .on('error', disconnect)
        .end(body)
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${port}`,
    webhooks,
    withheld,
    onAccepted: (listener) => void (onAccepted = listener),
    setRule: (next) => void (rule = next),
    setBackends: (next) => void (ports = next),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}
