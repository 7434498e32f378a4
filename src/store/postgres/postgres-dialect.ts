import { PostgresDialect, type Dialect, type PostgresPool, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import pg from 'pg'
import type { Logger } from '../../kit/logger.ts'

/** Per process. Servers allow 100 by default, and several processes share them. */
const CONNECTIONS = 10
/** A call fails after waiting this long for a connection. */
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_TIMEOUT_MS = 30_000
/** Every query is short; a long one waits for a lock or a failing server, and must not keep its connection. */
const STATEMENT_TIMEOUT_MS = 15_000
/** For a server that no longer answers, behind a network that reports no error. */
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
  // Without listeners, a restart of the server would end our process. The query that used the connection gets the error as well.
  // Logs only the message: the error holds the client, with its password.
  pool.on('error', (error) => logger.warn({ reason: error.message }, 'database connection lost'))
  pool.on('connect', (client) => client.on('error', () => {}))
  return new PostgresDialect({ pool: withoutDeadConnections(pool) })
}

/**
 * pg keeps a connection whose server no longer answers (a failover behind a network that reports no error), and every call that gets it times
 * out; kysely does not return a connection whose first statement fails, until none are left. This closes both, and with the silent connection
 * all that are as old: each would cost another call its timeout.
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
    // The rollback after a statement without an answer would not be answered either.
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
  // A pool parses its URL at its first connection; a client at once.
  void createClient(config)
  return new pg.Pool(config)
}

/** A connection that is not open yet. Its errors may be shown: those of the parser could contain a password. */
export function createClient(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config)
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (path) throw new Error(`DATABASE_URL names the file ${path}, which cannot be read (${code})`, { cause: error })
    throw new Error('DATABASE_URL is not one that PostgreSQL understands; it looks like postgres://user:password@host:5432/database')
  }
}
