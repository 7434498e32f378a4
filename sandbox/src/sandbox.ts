import { type Clock, systemClock } from './clock.ts'
import { type Behaviour, createBehaviour } from './behaviour.ts'
import { readDuration } from './duration.ts'
import { type CompanyMeter, createMeter } from './quota.ts'
import { createFaults, type Faults } from './faults.ts'
import { type Exchange, ExchangeBroken, settleExchange } from './exchange.ts'
import { createRequestLog, type RequestRecord } from './request-log.ts'
import { resumeConversions } from './resources/conversions.ts'
import { emptyCompany, loadWorld } from './seed/load-world.ts'
import { readSeed } from './seed/read-seed.ts'
import type { SeedFile } from './seed/seed-schema.ts'
import { companyMeters } from './control.ts'
import { createService, type SandboxState } from './service.ts'
import { companiesIn, type ApiKey, type World } from './state/company.ts'
import { type Snapshot, readSnapshot } from './state/snapshot.ts'
import { logChanges } from './state/change-log.ts'
import { type PersistedState, openPersistence } from './state/persistence.ts'
import { takeSnapshot, restoreValues, globalValues, restoreWorld } from './state/take-snapshot.ts'
import { rfc3339, wholeSeconds } from './time.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { type Deliver, deliverOverNetwork } from './webhooks/deliver.ts'
import { overviewOf, type Overview } from './webhooks/webhook-control.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

/** A SandboxKey is an API key of the sandbox and whom it acts as. */
export interface SandboxKey {
  key: string
  description: string
  user: { id: number; name: string }
  company: { id: number; name: string }
}

/** A SandboxClock is the time of one sandbox. Whatever is due later hangs on it: retries, bans, budgets, the end of deleted records. */
export interface SandboxClock extends Clock {
  readonly frozen: boolean
  freeze(): void
  /** Lets time run on from where it stands. */
  resume(): void
  /** Resolves when all that became due has happened, in order. */
  set(time: string | number | Date): Promise<void>
  /** Milliseconds, or a length such as `90s` or `3d`. Resolves as `set` does. */
  advance(by: string | number): Promise<void>
  /** Resolves when all that is due has happened; for tests that move a clock of their own. */
  settle(): Promise<void>
}

/** A Sandbox is a whole Pipedrive in memory. */
export interface Sandbox {
  /** The whole service, in-process. A fault that breaks the connection rejects as a network would: with `code` ECONNRESET or ECONNREFUSED. */
  fetch(request: Request): Promise<Response>
  /** The same for a transport that has a real connection to break. */
  exchange(request: Request): Promise<Exchange>
  readonly clock: SandboxClock
  /** What shall go wrong. */
  readonly faults: Faults
  /** The live switches: assign to one and it holds from the next request on. */
  readonly behaviour: Behaviour
  readonly keys: readonly SandboxKey[]
  /** What each company has spent today. */
  meters(): CompanyMeter[]
  /** Leaves the company of `key` so many tokens for the rest of its day. */
  leaveTokens(tokens: number, key?: string): void
  /** What was asked since the start or the last reset, oldest first; the latest 10,000. */
  requests(): RequestRecord[]
  /** All webhooks with their counters, and what was or will be delivered to them, newest first; the latest 1,000. */
  webhooks(): Overview
  /** Everything that it remembers at this moment, as JSON: all records, ids, webhooks, what is spent, the clock and the switches. */
  snapshot(): Snapshot
  /** Back, or over, to what a snapshot remembers. The log of requests and the faults start anew. */
  restore(snapshot: Snapshot): void
  /** Ends the delivery of webhooks, writes down what `dataDir` keeps, and lets go of the folder. */
  close(): void
  /** Back to the first moment: fresh data, the clock of creation, no requests, no faults, nothing spent, the behaviour of creation. */
  reset(): void
  /** From now on a record that is created gets its id at once, but reads (GET by id and lists) see it only `seconds` later by the clock. */
  lateCommits(seconds: number): void
  /** Brings a deleted deal of the key's company back, as people do in Pipedrive's own pages. */
  restoreDeal(id: number, key?: string): void
}

export interface SandboxOptions {
  /** Every time in an answer is a whole second of it. When a test moves it, what became due happens at the next request or `settle()`. */
  clock?: Clock
  /** Switches that differ from the assumptions in `behaviour.ts`. */
  behaviour?: Partial<Behaviour>
  /** How webhooks reach their receivers, instead of over the network. */
  deliver?: Deliver
  /** What it begins with and returns to at a reset: what a seed file says, as an object. */
  seed?: SeedFile
  /** A folder that keeps everything, so that it goes on where it stood. Only one sandbox at a time can have it. */
  dataDir?: string
  /** Names, besides localhost and addresses, under which its control routes and its page may be asked: `['sandbox']` in a network of containers. */
  hosts?: readonly string[]
}

const describeKey = ({ key, company, user }: ApiKey): SandboxKey => {
  const description = `${user.name}, ${user.is_admin ? 'administrator' : 'user'} of ${company.name} (${company.plan.name})`
  return { key, description, user: { id: user.id, name: user.name }, company: { id: company.id, name: company.name } }
}

/** The clock for people: lengths and dates as texts, and waiting included. */
function publicClock(timeline: Timeline): SandboxClock {
  const validTime = (ms: number | undefined, baseClock: unknown): number => {
    if (ms === undefined || Number.isNaN(ms)) throw new Error(`${JSON.stringify(baseClock)} is no time: use "3d", "90s" or milliseconds`)
    return ms
  }
  return {
    now: timeline.now,
    sleep: timeline.sleep,
    get frozen() {
      return timeline.frozen
    },
    freeze: timeline.freeze,
    resume: timeline.resume,
    set(time) {
      timeline.set(validTime(new Date(time).getTime(), time))
      return timeline.settle()
    },
    advance(by) {
      timeline.advance(validTime(typeof by === 'number' ? by : readDuration(by), by))
      return timeline.settle()
    },
    settle: timeline.settle,
  }
}

export function createSandbox({
  clock: baseClock = systemClock,
  behaviour: initialBehaviour = {},
  deliver = deliverOverNetwork,
  seed: seedFile,
  dataDir,
  hosts,
}: SandboxOptions = {}): Sandbox {
  const seed = seedFile && readSeed(seedFile)
  const persistence = dataDir === undefined ? undefined : openPersistence(dataDir)
  const clock = createTimeline(baseClock)
  const now = () => wholeSeconds(clock.now())
  const behaviour = createBehaviour(initialBehaviour)
  const connectWorld = (world: World): Pick<SandboxState, 'world' | 'webhooks'> => {
    const webhooks = createWebhooks({ timeline: clock, behaviour, deliver, currentOrigin: () => state.currentOrigin })
    companiesIn(world).forEach((company) => {
      webhooks.observe(company)
      logChanges(company, clock, () => state.currentOrigin)
      resumeConversions(company, clock, behaviour)
    })
    return { world, webhooks }
  }
  /** The beginning, or what an image remembers. */
  const initialState = (image?: Snapshot): Omit<SandboxState, 'behaviour'> => {
    const restored = image && restoreWorld(image, emptyCompany)
    clock.clear()
    Object.assign(behaviour, createBehaviour(initialBehaviour))
    const meter = createMeter()
    if (image) restoreValues({ clock, behaviour, meter }, image)
    return {
      clock,
      deliver,
      ...connectWorld(restored ?? loadWorld(now(), seed)),
      meter,
      log: createRequestLog(),
      faults: createFaults(),
      lateSeconds: (image?.values['lateSeconds'] as number | undefined) ?? 0,
      currentOrigin: undefined,
    }
  }
  const state: SandboxState = { ...initialState(persistence?.stored), behaviour }
  const persisted: PersistedState = { values: () => globalValues(state), companies: () => companiesIn(state.world) }
  persistence?.attach(persisted)
  const reset = (image?: Snapshot) => {
    const before = state.webhooks
    Object.assign(state, initialState(image))
    before.stop()
    persistence?.attach(persisted)
  }
  const service = createService(state, reset, hosts)
  const apiKeyOf = (key: string) => {
    const apiKey = state.world.get(key)
    if (!apiKey) throw new Error(`The sandbox has no key ${key}`)
    return apiKey
  }
  const exchange = async (request: Request): Promise<Exchange> => {
    try {
      const response = await service.fetch(request)
      // Before the answer leaves: what was answered must outlive this process.
      if (request.method !== 'GET') persistence?.commit()
      return { kind: 'answered', response }
    } catch (error) {
      if (error instanceof ExchangeBroken) return error.broken
      throw error
    }
  }
  const firstKey = (): string => [...state.world.keys()][0]!

  return {
    async fetch(request) {
      request.signal.throwIfAborted()
      return await settleExchange(exchange(request), request.signal)
    },
    exchange,
    clock: publicClock(clock),
    faults: {
      add: (rule) => state.faults.add(rule),
      list: () => state.faults.list(),
      remove: (id) => state.faults.remove(id),
      clear: () => state.faults.clear(),
    },
    behaviour: state.behaviour,
    get keys() {
      return [...state.world.values()].map(describeKey)
    },
    meters: () => companyMeters(state),
    leaveTokens: (tokens, key = firstKey()) => state.meter.setTokensLeft(apiKeyOf(key).company, tokens, clock.now()),
    requests: () => state.log.all(),
    webhooks: () => overviewOf(state.world),
    reset: () => reset(),
    snapshot: () => structuredClone(takeSnapshot(state)),
    restore: (snapshot) => reset(readSnapshot(snapshot)),
    close() {
      state.webhooks.stop()
      persistence?.close()
    },
    lateCommits: (seconds) => void (state.lateSeconds = seconds),
    restoreDeal(id, key = firstKey()) {
      const deals = state.world.get(key)?.company.deals
      const deal = deals?.get(id)
      if (!deals || !deal?.is_deleted) throw new Error(`There is no deleted deal ${id} for the key ${key}`)
      deals.change(deal, { is_deleted: false, deleted_at: null, update_time: rfc3339(now()) })
    },
  }
}
