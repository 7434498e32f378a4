import { once } from 'node:events'
import { Agent, createServer, request as ask, type IncomingHttpHeaders } from 'node:http'

/** A Passing is one request on its way to the connector. */
export interface GatedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/**
 * What a gate does with a request: lets it pass, refuses it as proxies do whose server is away, breaks the connection when it was worked on, or
 * says 200 and keeps it: then it comes when the test sends it.
 */
export type GateRule = (request: GatedRequest) => 'pass' | 'refuse' | 'lose the answer' | 'keep'

/** A Gate stands before the processes of the connector, as a load balancer does: it has their public URL, whichever of them live. */
export interface Gate {
  url: string
  /** The webhooks of Pipedrive that have come so far. */
  readonly hooks: readonly GatedRequest[]
  readonly kept: readonly GatedRequest[]
  /** Calls for each webhook that a process has answered with 200, before Pipedrive gets to know. */
  onTaken(listener: (hook: GatedRequest) => void): void
  treats(rule: GateRule): void
  /** The ports behind it, taken in turn. */
  leadsTo(ports: readonly number[]): void
  close(): Promise<void>
}

export async function openGate(port: number): Promise<Gate> {
  const agent = new Agent({ keepAlive: true })
  const hooks: GatedRequest[] = []
  const kept: GatedRequest[] = []
  let rule: GateRule = () => 'pass'
  let taken: (hook: GatedRequest) => void = () => undefined
  let ports: readonly number[] = []
  let turn = 0

  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      const body = Buffer.concat(chunks)
      const passing = { method, path, headers, body: body.toString() }
      if (path.includes('/hooks/')) hooks.push(passing)
      const treatment = rule(passing)
      if (treatment === 'refuse') return outgoing.writeHead(502).end()
      if (treatment === 'keep') {
        kept.push(passing)
        return outgoing.writeHead(200).end()
      }
      const away = () => incoming.socket.destroy()
      const backend = ports[turn++ % ports.length]
      if (backend === undefined) return away()
      ask({ host: '127.0.0.1', port: backend, method, path, headers, agent }, (answer) => {
        if (answer.statusCode === 200 && path.includes('/hooks/')) taken(passing)
        if (treatment === 'lose the answer') return answer.resume().on('end', away)
        outgoing.writeHead(answer.statusCode!, answer.headers)
        return answer.pipe(outgoing)
      })
        .on('error', away)
        .end(body)
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${port}`,
    hooks,
    kept,
    onTaken: (listener) => void (taken = listener),
    treats: (next) => void (rule = next),
    leadsTo: (next) => void (ports = next),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}
