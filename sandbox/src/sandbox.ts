import { type Clock, systemClock } from './clock.ts'
import { type Behaviour, createBehaviour } from './behaviour.ts'
import { readDuration } from './duration.ts'
import { type CompanyMeter, createMeter } from './quota.ts'
import { hostNameOf } from './allowed-hosts.ts'
import { createFaults, type Faults } from './fault-rules.ts'
import { type Exchange, ExchangeBroken, settleExchange } from './request-outcome.ts'
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

/** A SandboxKey is an API key of the sandbox and its user. */
export interface SandboxKey {
  key: string
  description: string
  user: { id: number; name: string }
  company: { id: number; name: string }
}

/** A SandboxClock is the time of one sandbox. Retries, bans, budgets and the removal of deleted records follow it. */
export interface SandboxClock extends Clock {
  readonly frozen: boolean
  freeze(): void
  /** Lets time run again from the current time. */
  resume(): void
  /** Resolves when all due work has run, in order. */
  set(time: string | number | Date): Promise<void>
  /** Takes milliseconds, or a duration such as `90s` or `3d`. Resolves as `set` does. */
  advance(by: string | number): Promise<void>
  /** Resolves when all due work has run; for tests that move their own clock. */
  settle(): Promise<void>
}

/** A Sandbox is a Pipedrive look-alike in memory. */
export interface Sandbox {
  /** Handles a request in-process. A fault that breaks the connection rejects like a network error, with `code` ECONNRESET or ECONNREFUSED. */
  fetch(request: Request): Promise<Response>
  /** The same for a transport that can break a real connection. */
  exchange(request: Request): Promise<Exchange>
  /** The names that requests over a port may be for, besides localhost. */
  readonly hosts: readonly string[]
  readonly clock: SandboxClock
  /** The active faults. */
  readonly faults: Faults
  /** The switches. An assignment applies from the next request on. */
  readonly behaviour: Behaviour
  readonly keys: readonly SandboxKey[]
  /** The tokens that each company has spent today. */
  meters(): CompanyMeter[]
  /** Sets the tokens that the company of `key` has left today. */
  leaveTokens(tokens: number, key?: string): void
  /** The latest 10,000 requests since the start or the last reset, oldest first. */
  requests(): RequestRecord[]
  /** All webhooks with their counters, and their latest 1,000 deliveries (also pending ones), newest first. */
  webhooks(): Overview
  /** The current state as JSON: all records, ids, webhooks, spent tokens, the clock and the switches. */
  snapshot(): Snapshot
  /** Restores the state of a snapshot. The request log and the faults start empty. */
  restore(snapshot: Snapshot): void
  /** Stops webhook deliveries, writes the state to `dataDir`, and releases the folder. */
  close(): void
  /** Restores the initial state: data, clock and behaviour of the creation, no requests, no faults, no spent tokens. */
  reset(): void
  /** New records get their id at once, but reads (GET by id and lists) return them only `seconds` later by the clock. */
  lateCommits(seconds: number): void
  /** Restores a deleted deal of the key's company, as users can in Pipedrive's web app. */
  restoreDeal(id: number, key?: string): void
}

export interface SandboxOptions {
  /** Times in answers are whole seconds of this clock. After a test moves it, due work runs at the next request or `settle()`. */
  clock?: Clock
  /** Switches that differ from the assumptions in `behaviour.ts`. */
  behaviour?: Partial<Behaviour>
  /** Sends webhook deliveries, instead of the network. */
  deliver?: Deliver
  /** The initial data, to which a reset returns: the content of a seed file as an object. */
  seed?: SeedFile
  /** A folder that stores the state, so that the next start continues from it. Only one sandbox at a time can use it. */
  dataDir?: string
  /**
   * Host names that requests over a port may be for, besides localhost; the control endpoints and the inspector accept IP addresses, too: `['sandbox']`
   * in a container network. Without any, only a sandbox on an address of the network serves every name, and only at its API.
   */
  hosts?: readonly string[]
}

const describeKey = ({ key, company, user }: ApiKey): SandboxKey => {
  const description = `${user.name}, ${user.is_admin ? 'administrator' : 'user'} of ${company.name} (${company.plan.name})`
  return { key, description, user: { id: user.id, name: user.name }, company: { id: company.id, name: company.name } }
}

/** The public clock: it accepts durations and dates as texts, and waits for due work. */
function publicClock(timeline: Timeline): SandboxClock {
  const validTime = (ms: number | undefined, baseClock: unknown): number => {
    if (ms === undefined || Number.isNaN(ms)) throw new Error(`${JSON.stringify(baseClock)} is not a time: use "3d", "90s" or milliseconds`)
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
  hosts: givenHosts = [],
}: SandboxOptions = {}): Sandbox {
  const hosts = givenHosts.map(hostNameOf)
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
  /** The state at the start, or the state of a snapshot. */
  const initialState = (snapshot?: Snapshot): Omit<SandboxState, 'behaviour'> => {
    const restored = snapshot && restoreWorld(snapshot, emptyCompany)
    clock.clear()
    Object.assign(behaviour, createBehaviour(initialBehaviour))
    const meter = createMeter()
    if (snapshot) restoreValues({ clock, behaviour, meter }, snapshot)
    return {
      clock,
      deliver,
      ...connectWorld(restored ?? loadWorld(now(), seed)),
      meter,
      log: createRequestLog(),
      faults: createFaults(),
      lateSeconds: (snapshot?.values['lateSeconds'] as number | undefined) ?? 0,
      currentOrigin: undefined,
    }
  }
  const state: SandboxState = { ...initialState(persistence?.stored), behaviour }
  const persisted: PersistedState = { values: () => globalValues(state), companies: () => companiesIn(state.world) }
  persistence?.attach(persisted)
  const reset = (snapshot?: Snapshot) => {
    const before = state.webhooks
    Object.assign(state, initialState(snapshot))
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
      // Before the answer is sent: an acknowledged write must survive a crash of this process.
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
    hosts,
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
