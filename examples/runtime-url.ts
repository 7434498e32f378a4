// A connection under its runtime URL, as generated client libraries address it: `/apim/pipedrive/{connectionId}` and a connection key as a bearer
// token. Pipedrive's key is sent once, to the management API. The example calls every operation, and meanwhile rotates the key ring and replaces
// the connection key; neither interrupts a flow.
//
//   node examples/runtime-url.ts
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog } from '../src/catalog/index.ts'
import { startPair } from './support/start-pair.ts'

const adminToken = randomBytes(32).toString('base64url')
// The key ring is a file in this folder. The server cannot rotate a key ring from DEALBRIDGE_KEYS.
const data = await mkdtemp(join(tmpdir(), 'dealbridge-example-'))

const { url, close } = await startPair({ store: 'memory', data }, { DEALBRIDGE_ADMIN_TOKEN: adminToken })

async function send(method: string, at: string, bearer?: string, body?: object): Promise<Response> {
  return fetch(at, {
    method,
    headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
}

async function manage<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await send(method, url + path, adminToken, body)
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

interface Key {
  id: string
  key: string
}
const newKey = (name: string) => manage<Key>('POST', '/api/keys', { connectionId: connection.id, name })

// Pipedrive's key is sent only here. The response names the user that it acts as.
const connection = await manage<{ id: string; name: string; user: { name: string } }>('POST', '/api/connections', {
  name: 'Sales',
  apiKey: 'sandbox-alice',
})
const runtimeUrl = `${url}/apim/pipedrive/${connection.id}`
let key = await newKey('first')
console.log(`The connection "${connection.name}" acts as ${connection.user.name}.`)

const called = new Set<string>()

/** What a generated client does: the operation says method and path; what is not in the path goes into the query or the body. */
async function request(id: string, input: Record<string, string | number> = {}): Promise<Response> {
  const operation = catalog.find((one) => one.id === id)
  assert.ok(operation, id)
  called.add(id)
  const { method } = operation
  const rest = new Map(Object.entries(input))
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest.get(name))
    rest.delete(name)
    return encodeURIComponent(value)
  })
  if (method !== 'GET') return send(method, runtimeUrl + path, key.key, Object.fromEntries(rest))
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)]))
  return send(method, `${runtimeUrl}${path}${rest.size > 0 ? `?${query}` : ''}`, key.key)
}

async function call<T>(id: string, input?: Record<string, string | number>): Promise<T> {
  const response = await request(id, input)
  const text = await response.text()
  assert.equal(response.status, 200, `${id}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

interface Deal {
  id: number
  title: string
  status: string
  stage_id: number
}
interface Choices {
  data: { id: number; name: string }[]
}

// A flow for each trigger starts to watch.
const triggers = catalog.filter(({ kind }) => kind === 'trigger').map(({ id }) => id)
const locations = await Promise.all(
  triggers.map(async (id) => {
    const response = await request(id)
    assert.equal(response.status, 202, id)
    return response.headers.get('location')!
  }),
)

// What drop-downs offer.
const pipeline = (await call<Choices>('ListPipelines')).data[0]!
const [from, to] = (await call<Choices>('ListStages', { pipeline_id: pipeline.id })).data
assert.ok(from && to)
for (const id of ['ListDeals', 'ListPersons', 'ListOrganizations', 'ListUsers', 'ListActivityTypes', 'ListCurrencies'])
  assert.notEqual((await call<Choices>(id)).data.length, 0, id)

// While the first calls are under way, the key ring gets a new key, and everything is sealed with it.
const [first, second, rotation] = await Promise.all([
  call<Deal>('AddDealV2', { title: 'First', pipeline_id: pipeline.id, stage_id: from.id }),
  call<Deal>('AddDeal', { title: 'Second' }),
  manage<{ keyId: string; resealed: number }>('POST', '/api/connections/rotate'),
])
assert.equal(rotation.resealed, 1)
console.log(`The key ring has a new key, and ${rotation.resealed} connection is sealed with it.`)

const moved = await call<Deal>('UpdateDealStageV2', { dealId: first.id, pipeline_id: pipeline.id, stage_id: to.id })
assert.equal(moved.stage_id, to.id)
assert.equal((await call<Deal>('UpdateDealStage', { dealId: second.id, stage_id: to.id })).stage_id, to.id)

// The connection key is replaced: both work until the old one is removed, and then only the new one does.
const old = key
key = await newKey('second')
assert.equal((await call<Deal>('UpdateDealStatus', { dealId: first.id, status: 'won' })).status, 'won')
assert.equal((await send('GET', `${runtimeUrl}/v1/deals/${first.id}`, old.key)).status, 200)
await manage('DELETE', `/api/keys/${old.id}`)
assert.equal((await send('GET', `${runtimeUrl}/v1/deals/${first.id}`, old.key)).status, 401)
console.log('The connection key is replaced, and the old one is refused.')

const activity = await call<{ id: number; deal_id: number }>('AddActivity', { type: 'call', subject: 'Say thanks', deal_id: first.id })
assert.equal(activity.deal_id, first.id)
assert.equal((await call<Deal>('GetDeal', { dealId: first.id })).title, 'First')
assert.equal((await call<{ name: string }>('GetStage', { stageId: to.id })).name, to.name)

// A state from the old connection key is refused without a key; with the new key the flow continues where it was.
const seen = await Promise.all(
  locations.map(async (location) => {
    assert.ok(location.startsWith(runtimeUrl), location)
    assert.equal((await send('GET', location)).status, 401)
    const response = await send('GET', location, key.key)
    assert.ok([200, 202].includes(response.status), `${location}: ${await response.clone().text()}`)
    return response.status === 202 ? [] : ((await response.json()) as { id: number }[]).map(({ id }) => id)
  }),
)
const both = [first.id, second.id]
const returned = Object.fromEntries(triggers.map((id, at) => [id, seen[at]]))
// Changed in the second of its creation a deal is new, not updated: which it was here depends on the machine.
delete returned['TrigDealUpdated']
assert.deepEqual(returned, {
  TrigNewDealV2: both,
  TrigNewDeal: both,
  TrigNewActivity: [activity.id],
  TrigDealMoved: both,
  TrigDealWon: [first.id],
  TrigDealLost: [],
  TrigDealDeleted: [],
  TrigActivityUpdated: [],
  TrigActivityDone: [],
})

// Hosts follow a Location without a key: the state authorizes the poll, for this trigger only.
const fresh = await request('TrigNewDealV2')
const third = await call<Deal>('AddDealV2', { title: 'Third' })
const followed = await send('GET', fresh.headers.get('location')!)
assert.equal(followed.status, 200)
assert.deepEqual(
  ((await followed.json()) as Deal[]).map(({ id }) => id),
  [third.id],
)
console.log('A poll without a key is authorized by its state.')

// Generated clients of the certified connector know the contract; objects have operations under the same paths.
const contract = catalog.filter(({ path }) => !path.startsWith('/v2/')).map(({ id }) => id)
assert.deepEqual(
  contract.filter((id) => !called.has(id)),
  [],
)
assert.equal((await send('GET', `${runtimeUrl}/v2/persons?limit=1`, key.key)).status, 200)
console.log(
  `All ${called.size} operations of the contract were called under ${new URL(runtimeUrl).pathname.replace(connection.id, '{connectionId}')}.`,
)
await close()
await rm(data, { recursive: true })
