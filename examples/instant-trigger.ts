// An instant trigger from subscribing to unsubscribing: your program subscribes to won deals, receives one within a moment, verifies its
// signature, and unsubscribes.
//
//   node examples/instant-trigger.ts
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { startPair } from './support/start-pair.ts'

interface Deal {
  id: number
  title: string
  status: string
}
interface WonDeal extends Deal {
  changed: string[]
  previous?: Partial<Deal>
}
interface Subscribed {
  callback: string
  mode: string
  signingKey: string
}
interface Callback {
  path: string
  headers: Record<string, string>
  body: string
}

// Your program: a server that receives callbacks. It answers immediately, and works later.
const callbacks: Callback[] = []
let onCallback = () => {}
const receiver = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    callbacks.push({ path: request.url!, headers: request.headers as Record<string, string>, body })
    response.writeHead(202).end()
    onCallback()
  })
}).listen(0, '127.0.0.1')
await new Promise((done) => receiver.once('listening', done))
const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

async function callbackNumber(count: number): Promise<Callback> {
  while (callbacks.length < count) await new Promise<void>((done) => (onCallback = done))
  return callbacks[count - 1]!
}

// Callbacks go to public https addresses only. The operator can allow others.
const { url, sandboxUrl, close } = await startPair(
  { store: 'memory', allowTarget: '127.0.0.0/8' },
  { DEALBRIDGE_KEYS: `example:${randomBytes(32).toString('base64')}`, DEALBRIDGE_ADMIN_TOKEN: randomBytes(32).toString('base64url') },
)

const send = (method: string, at: string, header: string, body?: object): Promise<Response> =>
  fetch(at, {
    method,
    headers: { ...(header && { [header]: 'sandbox-alice' }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })

async function subscribe(path: string): Promise<{ location: string; view: Subscribed }> {
  const response = await send('POST', `${url}/subscriptions/TrigDealWon`, 'x-api-key', {
    callbackUrl: `${receiverUrl}${path}?sig=who-has-this-can-call`,
    format: 'standard-webhooks',
    pipeline_id: 1,
  })
  assert.equal(response.status, 201)
  return { location: response.headers.get('location')!, view: (await response.json()) as Subscribed }
}

/** A user works in Pipedrive. */
async function inPipedrive(method: string, path: string, body: object): Promise<Deal> {
  const response = await send(method, `${sandboxUrl}/api/v2${path}`, 'x-api-token', body)
  assert.ok(response.ok, `${method} ${path}: ${response.status}`)
  return ((await response.json()) as { data: Deal }).data
}

const { location, view } = await subscribe('/first')
assert.equal(view.mode, 'webhook')
console.log(`Subscribed; callbacks go to ${view.callback.replace(/\d+…/, '…')}.`)

const deal = await inPipedrive('POST', '/deals', { title: 'Loft, oak floor' })
await inPipedrive('PATCH', `/deals/${deal.id}`, { status: 'won' })

const callback = await callbackNumber(1)
const webhook = new Webhook(view.signingKey)
const { type, data } = webhook.verify(callback.body, callback.headers) as { type: string; data: WonDeal }
assert.equal(type, 'deal.won')
assert.equal(data.title, 'Loft, oak floor')
assert.equal(data.status, 'won')
assert.ok(data.changed.includes('status'))
assert.equal(data.previous?.status, 'open')
console.log(`Received: "${data.title}" is ${data.status}, and was ${data.previous?.status}.`)

// A forged or changed body does not match the signature.
assert.throws(() => webhook.verify(callback.body.replace('won', 'lost'), callback.headers), WebhookVerificationError)
console.log('A changed body is refused.')

// Unsubscribing needs no key, only the Location. A second subscription stays active, and shows that the first one receives nothing.
await subscribe('/second')
assert.equal((await send('DELETE', location, '')).status, 204)
const next = await inPipedrive('POST', '/deals', { title: 'Another one' })
await inPipedrive('PATCH', `/deals/${next.id}`, { status: 'won' })
assert.equal((await callbackNumber(2)).path.split('?')[0], '/second')
console.log('Unsubscribed; only the other subscription receives the next deal.')

await close()
assert.deepEqual(
  callbacks.map(({ path }) => path.split('?')[0]),
  ['/first', '/second'],
)
receiver.close()
