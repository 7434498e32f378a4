import type { Config } from '../../src/config/config.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, BOB, CONNECTOR, UPSTREAM, testConfig, type Row } from '../contract/world.ts'
import { contractOperations } from '../contract/operations.ts'
import { virtualClock } from './virtual-clock.ts'
import { SETTLE_SECONDS, type Operation, type Plan } from './writes-plans.ts'
import { openWritesProcess, type WritesProcess } from './writes-process.ts'

/** A CallerReply is the response to a caller; undefined if the connection broke. */
export interface CallerReply {
  status: number
  headers: Headers
  text: string
  body: Row
}

/** An UpstreamRecord is a record in Pipedrive. */
export type UpstreamRecord = Row & { id: number }

const config: Config = {
  ...testConfig,
  settleSeconds: SETTLE_SECONDS,
  // A test makes the calls of half an hour within a moment.
  callsPerMinute: 10_000,
}

const isCreate = (operation: Operation) => operation.startsWith('Add')

/** A WritesWorld is a sandbox, a database and the connector processes that callers use. */
export type WritesWorld = ReturnType<typeof writesWorld>

export function writesWorld(plan: Plan, database: Store) {
  const clock = virtualClock()
  const sandbox = createSandbox({ clock })
  const { behaviour } = sandbox
  behaviour.dateHeader = plan.dateHeader
  const store: Store = {
    ...database,
    isShared: plan.store === 'postgres',
    db: database.db,
    transaction: (run) => database.transaction(run),
  }
  const planned = plan.fault === 'none' ? 0 : plan.times
  let remainingFaults = 0
  const faultedMethod = plan.operation === 'AddDeal' && plan.second ? 'DELETE' : isCreate(plan.operation) ? 'POST' : 'PATCH'
  const processes: (WritesProcess | undefined)[] = []
  const stopped: WritesProcess[] = []

  const path = plan.operation === 'AddActivity' ? '/api/v2/activities' : '/api/v2/deals'
  const pipedrive = async (method: string, at: string, body?: Row, key = ALICE) => {
    const headers = { 'x-api-token': key, 'content-type': 'application/json' }
    const answer = await sandbox.fetch(new Request(UPSTREAM + at, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
    const { data } = (await answer.json()) as { data: UpstreamRecord }
    return { status: answer.status, data }
  }

  /** A fault is set for the request that it remainingFaults: what others write by hand at the time goes well. */
  const upstream = (request: Request) => {
    const rule = plan.rules[(planned - remainingFaults) % plan.rules.length]
    if (request.method === faultedMethod && rule && remainingFaults > 0) {
      remainingFaults--
      sandbox.faults.add({ ...rule, method: faultedMethod, times: 1 })
    }
    return sandbox.fetch(request)
  }
  const killPointOf = (method: string) =>
    plan.fault === 'process killed' && method === faultedMethod && remainingFaults > 0 ? (remainingFaults--, plan.killPoint) : undefined

  async function process(number: number): Promise<WritesProcess> {
    const running = processes[number]
    if (running?.alive) return running
    if (running) stopped.push(running)
    return (processes[number] = await openWritesProcess({ config, clock, store, upstream, killPointOf }))
  }

  return {
    clock,
    pipedrive,
    /** Moves Pipedrive's clock relative to the connector's. */
    skew: () => sandbox.clock.advance(plan.skewSeconds * 1_000),
    /** Enables the faults of the plan. */
    startFaults: () => void (remainingFaults = planned),
    /** Disables the faults, and returns how many occurred. */
    stopFaults(): number {
      const struck = planned - remainingFaults
      remainingFaults = 0
      return struck
    },
    /** The number of writes that all processes sent. */
    writes: () => [...stopped, ...processes].reduce((sum, one) => sum + (one?.writes ?? 0), 0),
    async call(number: number, input: Row, headers: Record<string, string>): Promise<CallerReply | undefined> {
      const operation = contractOperations.find(({ id }) => id === plan.operation)!
      const { dealId, ...body } = input
      const url = CONNECTOR + operation.path.replace('{dealId}', String(dealId))
      const init = { method: operation.method, headers: { 'x-api-key': ALICE, 'content-type': 'application/json', ...headers } }
      try {
        const answer = await (await process(number)).fetch(new Request(url, { ...init, body: JSON.stringify(body) }))
        const text = await answer.text()
        return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Row }
      } catch (error) {
        if ((error as Error).message === 'the connector is gone') return undefined
        throw error
      }
    },
    /** Reads a deal, so that the process has a baseline. */
    warmUp: async (number: number) => {
      const headers = { 'x-api-key': ALICE }
      await (await process(number)).fetch(new Request(`${CONNECTOR}/v1/deals/1`, { headers }))
    },
    createManually: async (who: 'alice' | 'bob', body: Row) => (await pipedrive('POST', path, body, who === 'alice' ? ALICE : BOB)).data.id,
    change: (id: number, body: Row) => pipedrive('PATCH', `${path}/${id}`, body),
    /** Every record from this id on, including deleted ones. */
    async recordsFrom(from: number): Promise<UpstreamRecord[]> {
      await sandbox.clock.settle()
      const records: UpstreamRecord[] = []
      for (let id = from; ; id++) {
        const { status, data } = await pipedrive('GET', `${path}/${id}`)
        if (status === 404) return records
        records.push(data)
      }
    },
    async record(id: number) {
      await sandbox.clock.settle()
      return (await pipedrive('GET', `${path}/${id}`)).data
    },
    /** The id of the next record: ids of both kinds are assigned in order. */
    async nextId(): Promise<number> {
      const { data } = await pipedrive('GET', `${path}?sort_by=id&sort_direction=desc&limit=1`)
      return ((data as unknown as UpstreamRecord[])[0]?.id ?? 0) + 1
    },
    async close() {
      for (const one of [...stopped, ...processes]) await one?.dispose()
      sandbox.close()
      await database.db.deleteFrom('intents').execute()
    },
  }
}
