import { type CompiledQuery, Kysely, type Driver } from 'kysely'
import { createApp, type App } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { TransportFailure, type Transport } from '../../src/pipedrive/transport.ts'
import type { Store } from '../../src/store/store.ts'
import type { Tables } from '../../src/store/tables.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** When a process is killed, relative to its next write to Pipedrive. */
export const KILL_POINTS = [
  'before it is sent',
  'when it is sent',
  'when it is answered',
  'when the end is noted',
  'while it is read back',
] as const
export type KillPoint = (typeof KILL_POINTS)[number]

/** A WritesProcess is one process of the connector that can be killed at any moment: then its promises never settle, and its callers are disconnected. */
export interface WritesProcess {
  fetch(request: Request): Promise<Response>
  readonly alive: boolean
  /** The number of writes that it sent to Pipedrive. */
  readonly writes: number
  /** Releases its resources. */
  dispose(): Promise<void>
}

export interface WritesProcessOptions {
  config: Config
  clock: VirtualClock
  /** The database, which outlives every process. */
  store: Store
  upstream: (request: Request) => Promise<Response>
  /** Called at each write: when this write kills the process. */
  killPointOf: (method: string) => KillPoint | undefined
}

/** The result in a process that was killed meanwhile. */
const never = new Promise<never>(() => undefined)
const NO_CONNECTION = 'ECONNREFUSED'

export async function openWritesProcess({ config, clock, store, upstream, killPointOf }: WritesProcessOptions): Promise<WritesProcess> {
  const own = clock.forProcess()
  let alive = true
  let writes = 0
  let killAt: 'next statement' | 'end of next statement' | undefined
  let cutOff: (reason: Error) => void
  const died = new Promise<never>((_, reject) => (cutOff = reject))
  died.catch(() => undefined)
  const die = () => {
    alive = false
    own.stop()
    cutOff(new Error('the connector is gone'))
  }
  /** The result of work that continues after the process is killed. */
  const whileAlive = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const value = await work
      return alive ? value : await never
    } catch (error) {
      if (!alive) return await never
      throw error
    }
  }

  const transport: Transport = async ({ method, url, headers, body, timeoutMs, signal }) => {
    if (!alive) return never
    const killPoint = method === 'GET' ? undefined : killPointOf(method)
    if (killPoint === 'before it is sent') return (die(), never)
    if (method !== 'GET') writes++
    const over = new AbortController()
    const answer = async () => {
      const response = await upstream(new Request(url, { method, headers, body }))
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
    }
    const late = async () => {
      await own.sleep(timeoutMs, over.signal)
      throw new TransportFailure('maybe', 'no complete answer', new DOMException('late', 'TimeoutError'))
    }
    const hungUp = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new TransportFailure('maybe', 'the caller hung up')), { once: true })
    })
    try {
      const answering = answer()
      if (killPoint === 'when it is sent') die()
      if (killPoint === 'when it is answered') killAt = 'next statement'
      if (killPoint === 'when the end is noted') killAt = 'end of next statement'
      if (killPoint === 'while it is read back') {
        answering.catch(() => undefined)
        void own.sleep(READ_BACK_MS).then(die)
        throw new TransportFailure('maybe', 'the connection broke')
      }
      return await whileAlive(Promise.race([answering, late(), hungUp]))
    } catch (error) {
      if (error instanceof TransportFailure) throw error
      throw new TransportFailure((error as { code?: string }).code === NO_CONNECTION ? 'no' : 'maybe', (error as Error).message, error)
    } finally {
      over.abort()
    }
  }

  const app: App = await createApp(config, {
    clock: own,
    transport,
    logger: silentLogger,
    store: storeForProcess(store, clock, async (work) => {
      if (killAt === 'next statement') die()
      if (!alive) return never
      const dying = killAt !== undefined
      const value = await whileAlive(work())
      if (!dying) return value
      die()
      return never
    }),
  })
  return {
    get alive() {
      return alive
    },
    get writes() {
      return writes
    },
    fetch: (request) => Promise.race([Promise.resolve(app.fetch(request)), died]),
    async dispose() {
      // In a killed process this promise never settles.
      const closing = app.close()
      if (alive) await closing
      alive = false
      own.stop()
    },
  }
}

/** Between the first and the last request of a read-back. */
const READ_BACK_MS = 3_000

type Pass = <T>(work: () => Promise<T>) => Promise<T>

/** The store as one process sees it. A statement that runs when the process is killed completes, and the process never gets the result. */
export function storeForProcess(store: Store, clock: VirtualClock, pass: Pass): Store {
  const run = <T>(work: () => Promise<T>) => pass(() => clock.busy(work()))
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: () =>
      Promise.resolve({
        executeQuery: <R>(query: CompiledQuery) => run(() => store.db.executeQuery<R>(query)),
        streamQuery: () => {
          throw new Error('no streams here')
        },
      }),
    beginTransaction: () => Promise.reject(new Error('transactions go through store.transaction')),
    commitTransaction: () => Promise.resolve(),
    rollbackTransaction: () => Promise.resolve(),
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
  const real = store.db.getExecutor()
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => real.adapter,
      createDriver: () => driver,
      createIntrospector: () => store.db.introspection,
      createQueryCompiler: () => real,
    },
  })
  const { idempotency } = store.engine
  return {
    isShared: store.isShared,
    db,
    engine: {
      ...store.engine,
      idempotency: {
        begin: (on, items) => (on.isTransaction ? idempotency.begin(on, items) : run(() => idempotency.begin(store.db, items))),
        move: (on, items) => (on.isTransaction ? idempotency.move(on, items) : run(() => idempotency.move(store.db, items))),
      },
    },
    clock: store.clock,
    transaction: (work) => run(() => store.transaction(work)),
    ping: () => run(() => store.ping()),
    // No idempotency record depends on housekeeping, which follows the clock of the machine.
    every: () => undefined,
    signal: store.signal,
    onSignal: store.onSignal,
    salt: store.salt,
    close: () => Promise.resolve(),
  }
}
