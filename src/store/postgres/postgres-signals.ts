import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { sql, type Kysely } from 'kysely'
import type pg from 'pg'
import type { Logger } from '../../kit/logger.ts'
import { localSignals, type Signals } from '../signals.ts'
import { storeReason } from '../store-reason.ts'
import type { Tables } from '../tables.ts'
import { createClient } from './postgres-dialect.ts'

const CHANNEL = 'dealbridge'
/** A database restarts within seconds; until then listeners check by themselves. */
const CONNECT_AGAIN_MS = 2_000
/** For a network that drops packets without an error. */
const CONNECT_TIMEOUT_MS = 5_000
/** The idle time of a connection before the first TCP keep-alive probe. */
const KEEP_ALIVE_AFTER_MS = 10_000
/** Signals within this time go to the other processes in one statement. */
const NOTIFY_AFTER_MS = 2

/** Signals between processes, through the database. */
export function postgresSignals(url: string | undefined, db: Kysely<Tables>, logger: Logger): Signals {
  const emitter = new EventEmitter().setMaxListeners(0)
  // The database also notifies the sender, which ignores its own signals.
  const me = randomUUID()
  let stopped = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  const pending = new Set<string>()

  async function listen(): Promise<void> {
    const next = createClient({
      ...(url && { connectionString: url }),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    })
    const again = () => {
      if (client !== next || stopped) return
      client = undefined
      timer = setTimeout(begin, CONNECT_AGAIN_MS).unref()
    }
    client = next
    next.on('error', again)
    next.on('end', again)
    next.on('notification', ({ payload = '' }) => {
      const [from, name = ''] = payload.split(' ')
      if (from !== me) emitter.emit(name)
    })
    try {
      await next.connect()
      await next.query(`listen ${CHANNEL}`)
    } catch (error) {
      logger.warn({ reason: storeReason(error) }, 'signals of other processes unavailable; polling instead')
      await next.end().catch(() => {})
      again()
    }
  }
  const begin = () => void (stopped || listen())

  const notify = () => {
    const names = [...pending]
    pending.clear()
    const all = names.map((name) => sql`pg_notify(${CHANNEL}, ${`${me} ${name}`})`)
    sql`select ${sql.join(all)}`.execute(db).catch(() => {})
  }
  const { onSignal } = localSignals(emitter)
  return {
    signal(name) {
      emitter.emit(name)
      if (stopped) return
      if (pending.size === 0) setTimeout(notify, NOTIFY_AFTER_MS).unref()
      pending.add(name)
    },
    onSignal(name, listener) {
      if (!client && !timer) begin()
      return onSignal(name, listener)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      emitter.removeAllListeners()
      await client?.end().catch(() => {})
    },
  }
}
