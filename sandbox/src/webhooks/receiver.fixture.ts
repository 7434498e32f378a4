import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type SandboxClient, sandboxClient } from '../sandbox-client.fixture.ts'
import type { Behaviour } from '../behaviour.ts'
import type { Deliver, DeliveryRequest, DeliveryResult } from './deliver.ts'
import type { Payload } from './webhook-rows.ts'

/** A ReceivedDelivery is one delivery at its endpoint. */
export interface ReceivedDelivery extends Payload {
  url: string
  authorization: string | undefined
  /** By the sandbox's clock. */
  at: string
}

/** A WebhookClient is a sandbox on a manual clock whose deliveries this process receives. */
export interface WebhookClient extends SandboxClient {
  /** All attempts, in the order of their arrival. */
  received: ReceivedDelivery[]
  /** All outgoing requests, including checks of URLs. */
  requests: DeliveryRequest[]
  /** The answer of the endpoint; can change at any time. */
  answer: { with: (request: DeliveryRequest) => DeliveryResult | Promise<DeliveryResult> }
  /** Creates a webhook for `action.object` and returns its id. */
  hook(event: string, more?: Record<string, unknown>): Promise<number>
  /** Waits for all due work. */
  settle(): Promise<void>
}

const ok: DeliveryResult = { status: 200 }
export const broken: DeliveryResult = { status: 500 }

export function webhookClient(behaviour: Partial<Behaviour> = {}): WebhookClient {
  const received: ReceivedDelivery[] = []
  const requests: DeliveryRequest[] = []
  const answer: WebhookClient['answer'] = { with: () => ok }
  const deliver: Deliver = async (request) => {
    requests.push(request)
    if (request.method === 'POST') {
      const payload = JSON.parse(request.body) as Payload
      const at = new Date(sandbox.clock.now()).toISOString()
      received.push({ ...payload, url: request.url, authorization: request.headers['authorization'], at })
    }
    return await answer.with(request)
  }
  const client = sandboxClient(behaviour, { deliver })
  const { sandbox } = client
  const hook = async (event: string, more: Record<string, unknown> = {}): Promise<number> => {
    const [event_action, event_object] = event.split('.')
    const body = { subscription_url: 'http://127.0.0.1:1/hook', event_action, event_object, name: event, ...more }
    return (await client.data('POST', '/v1/webhooks', body)).id
  }
  return { ...client, received, requests, answer, hook, settle: () => sandbox.clock.settle() }
}

/** A Receiver is an HTTP server that records requests and sends the configured answers. */
export interface Receiver extends AsyncDisposable {
  url: string
  requests: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[]
  /** The next answers, then 200; `silence` never answers. */
  nextAnswers: (number | 'silence' | { redirect: string })[]
}

export async function receiver(): Promise<Receiver> {
  const got: Receiver['requests'] = []
  const next: Receiver['nextAnswers'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => (body += part))
    request.on('end', () => {
      got.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      const answer = next.shift() ?? 200
      if (answer === 'silence') return
      if (typeof answer === 'number') response.writeHead(answer).end('thank you')
      else response.writeHead(302, { location: answer.redirect }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: got,
    nextAnswers: next,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
