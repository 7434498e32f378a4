/** SQLSTATE classes of a server that can run no statement: connection, authorization, resources, operator intervention, system. */
const CLASSES = new Set(['08', '28', '53', '57', '58', 'XX'])
/** No such database; a session that idled too long; a server that became a replica. */
const STATES = new Set(['3D000', '25P03', '25006'])
/** SQLite errors of a file that cannot be used for any statement. */
export const FILE_ERRORS: ReadonlySet<string> = new Set([
  'SQLITE_BUSY',
  'SQLITE_NOMEM',
  'SQLITE_READONLY',
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
])
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
])
/** What pg throws without a code. */
const WITHOUT_CODE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool|driver has already been destroyed|The server does not support SSL)/

/** Whether the database is unavailable as a whole, not only for this statement. */
export function isLostDatabase(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string' && code !== '')
    return NETWORK.has(code) || STATES.has(code) || FILE_ERRORS.has(code) || (code.length === 5 && CLASSES.has(code.slice(0, 2)))
  return WITHOUT_CODE.test(error.message)
}
