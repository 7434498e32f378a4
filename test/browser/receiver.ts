import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A WebhookReceiver is a webhook server with a configurable status and delay. */
export interface WebhookReceiver {
  url: string
  status: number
  delayMs: number
  bodies: string[]
  close(): void
}

export async function startReceiver(): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      if (request.method === 'POST') receiver.bodies.push(body)
      setTimeout(() => response.writeHead(receiver.status).end(), receiver.delayMs)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    status: 200,
    delayMs: 0,
    bodies: [],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}
