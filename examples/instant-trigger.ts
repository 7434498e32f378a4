// An instant trigger, from its subscription to its end: a program of yours wants to know of won deals, is told of one within a moment, with a
// signature that it verifies, and wants to know no more.
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

// Your program: a server that takes callbacks. It answers at once, and works later.
const callbacks: Callback[] = []
let woken = () => {}
const receiver = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    callbacks.push({ path: request.url!, headers: request.headers as Record<string, string>, body })
    response.writeHead(202).end()
    woken()
  })
}).listen(0, '127.0.0.1')
await new Promise((done) => receiver.once('listening', done))
const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

async function heard(count: number): Promise<Callback> {
  while (callbacks.length < count) await new Promise<void>((done) => (woken = done))
  return callbacks[count - 1]!
}

// Callbacks go to public https addresses only, unless whoever runs the server allows others.
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

/** Somebody works in Pipedrive. */
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

const callback = await heard(1)
const webhook = new Webhook(view.signingKey)
const { type, data } = webhook.verify(callback.body, callback.headers) as { type: string; data: WonDeal }
assert.equal(type, 'deal.won')
assert.equal(data.title, 'Loft, oak floor')
assert.equal(data.status, 'won')
assert.ok(data.changed.includes('status'))
assert.equal(data.previous?.status, 'open')
console.log(`Told: "${data.title}" is ${data.status}, and was ${data.previous?.status}.`)

// What somebody else has written, or changed on the way, has no such signature.
assert.throws(() => webhook.verify(callback.body.replace('won', 'lost'), callback.headers), WebhookVerificationError)
console.log('A changed body is refused.')

// The end needs no key: whoever has the Location may end it. A second subscription goes on, and shows that the first one is silent.
await subscribe('/second')
assert.equal((await send('DELETE', location, '')).status, 204)
const next = await inPipedrive('POST', '/deals', { title: 'Another one' })
await inPipedrive('PATCH', `/deals/${next.id}`, { status: 'won' })
assert.equal((await heard(2)).path.split('?')[0], '/second')
console.log('Ended; only the other subscription is told of the next deal.')

await close()
assert.deepEqual(
  callbacks.map(({ path }) => path.split('?')[0]),
  ['/first', '/second'],
)
receiver.close()
