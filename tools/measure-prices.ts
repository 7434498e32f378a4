import type * as z from 'zod'
import { createApp, type App } from '../src/app.ts'
import { BODY_METHODS, type Action, type Lookup, type Operation, type Trigger } from '../src/catalog/define.ts'
import { totalOf, type Price, type PricedRequest, type Prices, type Variant } from './reference/price.ts'
import { parameterRows, type ParameterRow } from './reference/schema-rows.ts'
import { manualClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { resources, type Resource, type ResourceName } from '../src/pipedrive/resources.ts'
import { templatePath, tokenPrice } from '../src/pipedrive/token-prices.ts'
import { createSandbox, type SeedFile } from '../sandbox/src/index.ts'
import { makeHappen, type Ask } from './make-happen.ts'

const KEY = 'the-key-of-the-price-list'
const CONNECTOR = 'http://connector'

/** One record of each kind, and a deal that is linked to all of them: made by one user, owned by another, with an activity behind it and one before it. */
const seed: SeedFile = {
  companies: [
    {
      name: 'Price List',
      users: [{ name: 'Ann Lee', key: KEY, admin: true }, { name: 'Ben Fox' }],
      pipelines: [{ name: 'Sales', stages: ['First', 'Second'] }],
      organizations: [{ name: 'Nordlys AS' }],
      persons: [{ name: 'Kari Vik', organization: 'Nordlys AS' }, { name: 'Ola Vik' }, { name: 'Per Vik' }, { name: 'Liv Vik' }],
      products: [{ name: 'Lamp', prices: [{ price: 10, currency: 'EUR' }] }],
      leads: [{ title: 'More lights', person: 'Kari Vik', organization: 'Nordlys AS' }],
      notes: [{ content: 'Calls back', deal: 'Pier lights' }],
      deals: [
        {
          title: 'Pier lights',
          creator: 'Ann Lee',
          owner: 'Ben Fox',
          person: 'Kari Vik',
          organization: 'Nordlys AS',
          products: [{ product: 'Lamp' }],
        },
      ],
      activities: [
        { subject: 'Look at the pier', type: 'call', deal: 'Pier lights', due: -2, done: 2 },
        { subject: 'Make an offer', type: 'call', deal: 'Pier lights', due: 2 },
      ],
    },
  ],
}

/** What Pipedrive needs beside the fields that are always required. */
const NEEDED: Partial<Record<ResourceName, Record<string, unknown>>> = {
  lead: { person_id: 1 },
  note: { deal_id: 1 },
  dealParticipant: { person_id: 3 },
}

/** What differs in a second call, where Pipedrive takes the first one only once. */
const AGAIN: Partial<Record<string, Record<string, unknown>>> = { DealParticipantCreate: { person_id: 4 } }

/** The first record is the parent of what stands below one. */
const PARENTS = { deal_id: 1, product_id: 1 }

/** Records that the seed cannot have, or that are in use there, as Pipedrive takes them. */
const CHILDREN: Partial<Record<ResourceName, Record<string, unknown>>> = {
  pipeline: { name: 'Spare' },
  stage: { name: 'Spare', pipeline_id: 1 },
  leadLabel: { name: 'Hot', color: 'red' },
  dealProduct: { product_id: 1, item_price: 10, quantity: 1 },
  dealDiscount: { description: 'Friends', amount: 5, type: 'amount' },
  dealInstallment: { description: 'First', amount: 5, billing_date: '2026-12-24' },
  dealParticipant: { person_id: 2 },
  productVariation: { name: 'Large' },
}

/** Tried in this order until the input takes one. */
const EXAMPLES: readonly unknown[] = ['Example', '2026-12-01', '09:30', 1]

/**
 * What each operation costs, as a connector in front of a sandbox is seen to pay: with all parameters filled in, first with nothing known of the
 * account, then again. The same catalog always yields the same prices.
 */
export async function measurePrices(catalog: readonly Operation[]): Promise<Prices> {
  const measured = await Promise.all(catalog.map(async (operation) => [operation.id, await measure(operation, catalog)] as const))
  const waits = new Set(measured.flatMap(([, { pollEverySeconds }]) => pollEverySeconds ?? []))
  if (waits.size !== 1) throw new Error(`The triggers ask for different waits: ${[...waits].join(', ')}`)
  return { operations: Object.fromEntries(measured.map(([id, { price }]) => [id, price])), pollEverySeconds: [...waits][0]! }
}

type Measured = { price: Price; pollEverySeconds?: number }

async function measure(operation: Operation, catalog: readonly Operation[]): Promise<Measured> {
  const onBench = <T>(work: (bench: Bench) => Promise<T>) => withBench(catalog, work)
  if (operation.kind === 'trigger') return onBench((bench) => measureTrigger(operation, bench))
  const requests = await onBench((bench) => measureCall(operation, bench))
  const tokens = totalOf(requests.first)
  const variants: Variant[] = []
  const isDerived = operation.kind === 'action' && operation.derivedFrom !== undefined
  for (const { key, enum: values = [] } of parameterRows(operation)) {
    // Of the options of objects, only this one needs other requests.
    if (isDerived && key !== 'custom_fields_by') continue
    for (const value of values) {
      const other = await onBench((bench) => measureCall(operation, bench, { [key]: value }))
      if (totalOf(other.first) !== tokens) variants.push({ key, value, tokens: totalOf(other.first) })
    }
  }
  return { price: { requests, variants } }
}

async function measureCall(operation: Action | Lookup, { fresh, paid, inputFor, send }: Bench, given: Record<string, unknown> = {}) {
  const input = { ...(await inputFor(operation)), ...given }
  const app = await fresh()
  const call = (more: Record<string, unknown> = {}) => paid(() => send(app, operation, { ...input, ...more }))
  return { first: await call(), again: await call(isMerge(operation) ? await inputFor(operation) : AGAIN[operation.id]) }
}

/** It takes each record only once. */
const isMerge = ({ path }: Operation): boolean => path.endsWith('/merge')

async function measureTrigger(trigger: Trigger, bench: Bench): Promise<Measured> {
  const { fresh, paid, send, sendTo, wait } = bench
  const app = await fresh()
  const make = trigger.event === 'added' ? await addedBy(trigger, bench) : makeHappen(trigger, bench.ask, bench.restoreDeal)

  let answer = new Response()
  const start = await paid(async () => (answer = await send(app, trigger, {})))
  const pollEverySeconds = Number(answer.headers.get('retry-after'))
  const poll = async (status: number) => {
    wait(pollEverySeconds)
    const requests = await paid(async () => (answer = await sendTo(app, new Request(answer.headers.get('location')!))))
    if (answer.status !== status) throw new Error(`${trigger.id} answered ${answer.status} in place of ${status}: ${await answer.text()}`)
    return requests
  }
  const idle = await poll(202)
  await make()
  const first = await poll(200)
  await make()
  return { price: { requests: { start, idle, first, again: await poll(200) }, variants: [] }, pollEverySeconds }
}

/** What is new is made by the operation whose answer is the trigger's. */
async function addedBy(trigger: Trigger, { catalog, fresh, inputFor, send }: Bench): Promise<() => Promise<unknown>> {
  const maker = catalog.find((o): o is Action => o.kind === 'action' && o.effect === 'create' && o.output === trigger.output)
  if (!maker) throw new Error(`${trigger.id}: no operation makes what it waits for, so its price cannot be measured`)
  const input = await inputFor(maker)
  const other = await fresh()
  return () => send(other, maker, input)
}

type Bench = Awaited<ReturnType<typeof createBench>>

async function withBench<T>(catalog: readonly Operation[], work: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = await createBench(catalog)
  try {
    return await work(bench)
  } finally {
    await bench.close()
  }
}

/** A separate sandbox, and connectors with empty caches. */
async function createBench(catalog: readonly Operation[]) {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, seed })
  const apps: App[] = []
  const fresh = async (): Promise<App> => {
    const app = await createApp(config, {
      clock,
      logger: silentLogger,
      transport: createFetchTransport((r) => Promise.resolve(sandbox.fetch(r))),
    })
    apps.push(app)
    return app
  }
  const helper = await fresh()

  async function sendTo(app: App, request: Request): Promise<Response> {
    request.headers.set('x-api-key', KEY)
    const answer = await app.fetch(request)
    if (!answer.ok) throw new Error(`${request.method} ${request.url}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  function send(app: App, { path, method }: Operation, input: Record<string, unknown>): Promise<Response> {
    const inPath = (key: string) => path.includes(`{${key}}`)
    const url = new URL(
      Object.keys(input).reduce((at, key) => at.replace(`{${key}}`, String(input[key])), path),
      CONNECTOR,
    )
    const rest = Object.entries(input).filter(([key]) => !inPath(key))
    if (!BODY_METHODS.has(method)) for (const [key, value] of rest) url.searchParams.set(key, String(value))
    const body = !BODY_METHODS.has(method)
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(Object.fromEntries(rest)) }
    return sendTo(app, new Request(url, { method, ...body }))
  }
  /** Each field with what its drop-down offers first, else with the first example that it takes. */
  async function inputFor(operation: Operation): Promise<Record<string, unknown>> {
    const input: Record<string, unknown> = {}
    let hasField = false
    const existing = operation.kind === 'action' && operation.derivedFrom ? await firstOf(operation.derivedFrom.object) : undefined
    for (const row of parameterRows(operation)) {
      // What an operation of an object costs at least; an update needs one field.
      const isChange = operation.effect === 'update' && row.in === 'body' && !hasField
      hasField ||= row.in === 'body'
      if (existing && !row.required && !isChange) continue
      if (existing && row.key === 'id') input[row.key] = existing['id']
      else if (row.in === 'path' && row.key in PARENTS) input[row.key] = 1
      else if (isMerge(operation) && row.key === 'id') input[row.key] = await otherOf(operation)
      else if (existing && row.key === 'term') input[row.key] = existing['name'] ?? existing['title']
      else if (existing && row.key === 'value' && operation.path.startsWith('/v2/find/'))
        input[row.key] = String(existing['name'] ?? existing['title'])
      else input[row.key] = await valueFor(operation, row)
    }
    if (operation.path.startsWith('/v2/find/')) input['find_by'] = existing?.['name'] === undefined ? 'title' : 'name'
    if (operation.kind === 'action' && operation.effect === 'create' && operation.derivedFrom)
      Object.assign(input, NEEDED[operation.derivedFrom.object])
    return input
  }
  /** A record to merge. */
  async function otherOf({ path }: Operation): Promise<unknown> {
    const list = /^\/v2\/\w+/.exec(path)![0]
    const body = list === '/v2/deals' ? { title: 'Other' } : { name: 'Other' }
    return ((await ask('POST', `/api${list}`, body)) as Record<string, unknown>)['id']
  }
  /** Some record of this kind, as Pipedrive has it. */
  async function firstOf(object: ResourceName): Promise<Record<string, unknown>> {
    const resource: Resource = resources[object]
    const at = (path: string) => path.replace(/\{\w+\}/g, '1')
    const body = CHILDREN[object]
    if (body) return (await ask('POST', at(resource.path), body)) as Record<string, unknown>
    const rows = (await ask('GET', at(resource.list ?? resource.path))) as Record<string, unknown>[] | null
    if (!rows?.[0]) throw new Error(`the seed of the price list has no ${object}`)
    return rows[0]
  }
  async function valueFor({ id, input }: Operation, { key, choices, enum: words = [] }: ParameterRow): Promise<unknown> {
    const lookup = catalog.find((o) => o.id === choices)
    if (lookup) {
      const { data } = (await (await send(helper, lookup, {})).json()) as { data: Record<string, unknown>[] }
      return data[0]?.['key_string'] ?? data[0]?.['code'] ?? data[0]?.['id']
    }
    const field = input.shape[key] as z.ZodType
    const value = [...words, ...EXAMPLES].find((example) => field.safeParse(example).success)
    if (value === undefined) throw new Error(`${id}: none of the examples is taken by "${key}", so its price cannot be measured`)
    return value
  }

  const ask: Ask = async (method, path, body) => {
    const headers = { 'x-api-token': KEY, 'content-type': 'application/json' }
    const request = new Request(`http://sandbox${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const answer = await sandbox.fetch(request)
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { data: unknown }).data
  }

  return {
    catalog,
    ask,
    restoreDeal: (id: number) => sandbox.restoreDeal(id, KEY),
    fresh,
    send,
    sendTo,
    inputFor,
    wait: (seconds: number) => clock.advance(seconds * 1_000),
    /** The requests that reach Pipedrive meanwhile. In the order of their names: that of a wave is chance. */
    async paid(work: () => Promise<unknown>): Promise<PricedRequest[]> {
      const before = sandbox.requests().length
      await work()
      return sandbox
        .requests()
        .slice(before)
        .map(({ method, path, tokens }) => {
          const template = templatePath(path)
          const known = tokenPrice(method, template)
          // The sandbox has its prices from elsewhere.
          if (known !== tokens) throw new Error(`${method} ${template} costs ${known} in our list, and ${tokens} in the sandbox`)
          return { request: `${method} ${template}`, tokens }
        })
        .toSorted((a, b) => (a.request < b.request ? -1 : 1))
    },
    close: async () => void (await Promise.all(apps.map((app) => app.close()))),
  }
}

const config: Parameters<typeof createApp>[0] = {
  hostname: '127.0.0.1',
  port: 0,
  upstream: 'http://sandbox',
  publicUrl: undefined,
  allowHosts: [],
  trustedProxies: [],
  allowCompanies: [],
  activities: 'mine',
  dataDir: '/nowhere',
  store: undefined,
  hostIntents: false,
  settleSeconds: 10,
  adminToken: undefined,
  metricsToken: undefined,
  keys: `prices:${Buffer.alloc(32, 1).toString('base64')}`,
  callsPerMinute: 1_000,
  role: 'web',
  subscriptions: 'any',
  targets: 'any',
  allowTargets: [],
  reconcileTokens: 300,
  logLevel: 'silent',
}
