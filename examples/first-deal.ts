// One deal through the connector: a flow polls, a deal is added, the poll returns it, the deal moves and is won, a call is scheduled.
//
//   node examples/first-deal.ts                          starts a connector and a sandbox
//   node examples/first-deal.ts http://127.0.0.1:8080    uses a running one; the key is in DEALBRIDGE_EXAMPLE_KEY
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { startPair } from './support/start-pair.ts'

interface Deal {
  id: number
  title: string
  value: number
  status: string
  stage_id: number
  user_id: { id: number; name: string; email: string }
  won_time?: string
}
interface Choices {
  data: { id: number; name: string }[]
}
interface Activity {
  id: number
  subject: string
  deal_id: number
  deal_title: string
  done: boolean
}

const given = process.argv[2]
const keys = { DEALBRIDGE_KEYS: `example:${randomBytes(32).toString('base64')}` }
const { url, close } = given ? { url: given, close: () => Promise.resolve() } : await startPair({ store: 'none' }, keys)
const key = process.env['DEALBRIDGE_EXAMPLE_KEY'] ?? 'sandbox-alice'

async function call(method: string, path: string, body?: object): Promise<Response> {
  return fetch(new URL(path, url), {
    method,
    headers: { 'x-api-key': key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await call(method, path, body)
  const text = await response.text()
  assert.equal(response.status, 200, `${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

// A flow starts to watch. History is none of its business: there is no body yet, but a Location to ask next.
const first = await call('GET', '/connector-v2/trigger/v1/deals')
assert.equal(first.status, 202)
const next = first.headers.get('location')
assert.ok(next)
console.log('Watching for new deals.')

// What a drop-down would offer: the first pipeline, and its first two stages.
const pipeline = (await ask<Choices>('GET', '/v1/pipelines')).data[0]
assert.ok(pipeline)
const [from, to] = (await ask<Choices>('GET', `/v1/stages?pipeline_id=${pipeline.id}`)).data
assert.ok(from && to)

const title = `First deal, ${new Date().toISOString()}`
const deal = await ask<Deal>('POST', '/connector-v2/v1/deals', { title, value: 1250.5, pipeline_id: pipeline.id, stage_id: from.id })
assert.equal(deal.title, title)
assert.equal(deal.value, 1250.5)
assert.equal(deal.status, 'open')
console.log(`Added deal ${deal.id}, owned by ${deal.user_id.name}.`)

// The trigger answers with it, and with nothing else.
const seen = await ask<Deal[]>('GET', next)
assert.deepEqual(
  seen.map(({ id }) => id),
  [deal.id],
)
assert.deepEqual(seen[0]?.user_id, deal.user_id)
console.log('The trigger has seen it.')

const moved = await ask<Deal>('PUT', `/connector-v2/update_stage_deal/v1/deals/${deal.id}`, {
  pipeline_id: pipeline.id,
  stage_id: to.id,
})
assert.equal(moved.stage_id, to.id)
assert.equal(moved.value, 1250.5)
console.log(`Moved from "${from.name}" to "${to.name}".`)

const won = await ask<Deal>('PUT', `/update_status_deal/v1/deals/${deal.id}`, { status: 'won' })
assert.equal(won.status, 'won')
assert.equal(won.stage_id, to.id)
console.log('Won.')

const activity = await ask<Activity>('POST', '/v1/activities', { type: 'call', subject: 'Say thanks', deal_id: deal.id })
assert.equal(activity.deal_id, deal.id)
assert.equal(activity.deal_title, title)
assert.equal(activity.done, false)
console.log(`Planned "${activity.subject}" for it.`)

// The deal knows about its activity.
const read = await ask<Deal & { next_activity_id: number; next_activity_subject: string }>('GET', `/v1/deals/${deal.id}`)
assert.equal(read.next_activity_id, activity.id)
assert.equal(read.next_activity_subject, 'Say thanks')

await close()
