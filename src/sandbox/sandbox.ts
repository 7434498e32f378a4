import { type Clock, systemClock } from '../kit/clock.ts'
import { type Behaviour, createBehaviour } from './behaviour.ts'
import { createMeter } from './economics.ts'
import { createRequestLog, type RequestRecord } from './request-log.ts'
import { plantWorld } from './seed/plant-world.ts'
import { createService, type State } from './service.ts'
import { rfc3339, wholeSeconds } from './time.ts'

/** A SandboxKey is an API key of the sandbox and whom it acts as. */
export interface SandboxKey {
  key: string
  description: string
  user: { id: number; name: string }
  company: { id: number; name: string }
}

/** A Sandbox is a whole Pipedrive in memory. */
export interface Sandbox {
  /** The whole service, in-process. */
  fetch(request: Request): Promise<Response>
  readonly clock: Clock
  /** The live switches: assign to one and it holds from the next request on. */
  readonly behaviour: Behaviour
  readonly keys: readonly SandboxKey[]
  /** What was asked since the start or the last reset, oldest first; the latest 10,000. */
  requests(): RequestRecord[]
  /** Back to the first moment: fresh data (by the clock), no requests, nothing spent, the behaviour of creation. */
  reset(): void
  /** From now on a record that is created gets its id at once, but reads (GET by id and lists) see it only `seconds` later by the clock. */
  lateCommits(seconds: number): void
  /** Brings a deleted deal of the key's company back, as people do in Pipedrive's own pages. */
  restoreDeal(id: number, key?: string): void
}

export interface SandboxOptions {
  /** Every time in an answer is a whole second of it. */
  clock?: Clock
  /** Switches that differ from the assumptions in `behaviour.ts`. */
  behaviour?: Partial<Behaviour>
}

export function createSandbox({ clock = systemClock, behaviour: chosen = {} }: SandboxOptions = {}): Sandbox {
  const now = () => wholeSeconds(clock.now())
  const fresh = (): Omit<State, 'behaviour'> => ({
    clock,
    world: plantWorld(now()),
    meter: createMeter(),
    log: createRequestLog(),
    lateSeconds: 0,
  })
  const state: State = { ...fresh(), behaviour: createBehaviour(chosen) }
  const reset = () => {
    Object.assign(state.behaviour, createBehaviour(chosen))
    Object.assign(state, fresh())
  }
  const service = createService(state, reset)
  const keys = [...state.world.values()].map(({ key, company, user }): SandboxKey => {
    const description = `${user.name}, ${user.is_admin ? 'administrator' : 'user'} of ${company.name} (${company.plan.name})`
    return { key, description, user: { id: user.id, name: user.name }, company: { id: company.id, name: company.name } }
  })

  return {
    fetch: async (request) => service.fetch(request),
    clock,
    behaviour: state.behaviour,
    keys,
    requests: () => state.log.all(),
    reset,
    lateCommits: (seconds) => void (state.lateSeconds = seconds),
    restoreDeal(id, key = keys[0]!.key) {
      const deals = state.world.get(key)?.company.deals
      const deal = deals?.get(id)
      if (!deals || !deal?.is_deleted) throw new Error(`There is no deleted deal ${id} for the key ${key}`)
      deals.change(deal, { is_deleted: false, deleted_at: null, update_time: rfc3339(now()) })
    },
  }
}
