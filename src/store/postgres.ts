import { CompiledQuery, PostgresDialect, type Dialect } from 'kysely'
import pg from 'pg'
import type { Logger } from '../kit/logger.ts'

/** Of one process. Servers allow 100 by default, and several processes share them. */
const CONNECTIONS = 10
/** A call waits so long for a connection before it is told that there is none. */
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_TIMEOUT_MS = 30_000
/** Every query here is short; one that is not has met a lock or a sick server, and must not hold a connection for ever. */
const STATEMENT_TIMEOUT_MS = 15_000
/** For a server that no longer answers at all, behind a network that does not say so. */
const ANSWER_TIMEOUT_MS = 20_000

const SESSION = CompiledQuery.raw(
  `select set_config('datestyle', 'ISO', false), set_config('timezone', 'UTC', false),
    set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false)`,
  [String(STATEMENT_TIMEOUT_MS)],
)

/** PostgreSQL by its URL, or by the PG* variables without one. */
export function postgresDialect(url: string | undefined, logger: Logger): Dialect {
  const types = new pg.TypeOverrides()
  // Ids and counts are below 2^53; PGlite reads them as numbers, too.
  types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = createPool({
    ...(url && { connectionString: url }),
    types,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'dealbridge',
  })
  // Without listeners, a server that restarts would end our process. Whoever was using the connection gets the error as well.
  // Of the error only its message: it carries the client, and the client its password.
  pool.on('error', (error) => logger.warn({ reason: error.message }, 'a connection to the database was lost'))
  pool.on('connect', (client) => client.on('error', () => {}))
  return new PostgresDialect({ pool, onCreateConnection: async (connection) => void (await connection.executeQuery(SESSION)) })
}

function createPool(config: pg.PoolConfig): pg.Pool {
  try {
    // A pool reads its URL when it first connects; a client at once.
    void new pg.Client(config)
    return new pg.Pool(config)
  } catch {
    // The error of the parser may show what it could not read, which holds a password.
    throw new Error('DATABASE_URL is not one that PostgreSQL understands; it looks like postgres://user:password@host:5432/database')
  }
}
