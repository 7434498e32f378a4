import { PostgresDialect, type Dialect, type PostgresPool, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import pg from 'pg'
import type { Logger } from '../../kit/logger.ts'

/** Of one process. Servers allow 100 by default, and several processes share them. */
const CONNECTIONS = 10
/** A call waits so long for a connection before it is told that there is none. */
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_TIMEOUT_MS = 30_000
/** Every query here is short; one that is not has met a lock or a sick server, and must not hold a connection for ever. */
const STATEMENT_TIMEOUT_MS = 15_000
/** For a server that no longer answers at all, behind a network that does not say so. */
const ANSWER_TIMEOUT_MS = 20_000

const SESSION = `select set_config('datestyle', 'ISO', false), set_config('timezone', 'UTC', false),
    set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false)`

/** Another number than the one that is stored would be worse than none; SQLite refuses it, too. */
function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The number ${text} in the database is too large to be read exactly.`)
  return value
}

/** PostgreSQL by its URL, or by the PG* variables without one. */
export function postgresDialect(url: string | undefined, logger: Logger, answerTimeoutMs = ANSWER_TIMEOUT_MS): Dialect {
  const types = new pg.TypeOverrides()
  // Ids and counts are below 2^53, in every column.
  types.setTypeParser(pg.types.builtins.INT8, wholeNumber)
  const pool = createPool({
    ...(url && { connectionString: url }),
    types,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    application_name: 'dealbridge',
  })
  // Without listeners, a server that restarts would end our process. Whoever was using the connection gets the error as well.
  // Of the error only its message: it carries the client, and the client its password.
  pool.on('error', (error) => logger.warn({ reason: error.message }, 'a connection to the database was lost'))
  pool.on('connect', (client) => client.on('error', () => {}))
  return new PostgresDialect({ pool: withoutDeadConnections(pool) })
}

/**
 * pg keeps a connection whose server has fallen silent (a failover behind a network that says nothing), and every call that gets it waits
 * in vain; kysely forgets to give back one that fails at its first statement, until none are left. Here both are thrown away, and with
 * the silent one all that are as old: each would cost another call its time.
 */
function withoutDeadConnections(pool: pg.Pool): PostgresPool {
  const alive = new WeakMap<pg.PoolClient, { client: PostgresPoolClient; silences: number }>()
  let silences = 0
  const onSilence = () => void silences++
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      for (;;) {
        const client = await pool.connect()
        const known = alive.get(client)
        if (known?.silences === silences) return known.client
        if (known) {
          client.release(true)
          continue
        }
        const fresh = { client: untilSilent(client, onSilence), silences }
        try {
          await fresh.client.query(SESSION, [String(STATEMENT_TIMEOUT_MS)])
        } catch (error) {
          fresh.client.release(true)
          throw error
        }
        alive.set(client, fresh)
        return fresh.client
      }
    },
  }
}

function untilSilent(client: pg.PoolClient, onSilence: () => void): PostgresPoolClient {
  let silent = false
  const query = async <R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    // The rollback after the statement that got no answer gets none, either.
    if (silent) throw new Error('Connection terminated: the server no longer answers')
    try {
      return (await client.query(text, [...parameters])) as unknown as PostgresQueryResult<R>
    } catch (error) {
      silent = (error as Error).message === 'Query read timeout'
      if (silent) onSilence()
      throw error
    }
  }
  return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy || silent) }
}

function createPool(config: pg.PoolConfig): pg.Pool {
  // A pool reads its URL when it first connects; a client at once.
  void createClient(config)
  return new pg.Pool(config)
}

/** One connection, not yet made. Throws what may be shown: the error of the parser could hold a password. */
export function createClient(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config)
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (path) throw new Error(`DATABASE_URL names the file ${path}, which cannot be read (${code})`, { cause: error })
    throw new Error('DATABASE_URL is not one that PostgreSQL understands; it looks like postgres://user:password@host:5432/database')
  }
}
