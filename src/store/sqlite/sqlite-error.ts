/** PostgreSQL's codes for a broken constraint; the code above the store knows no others. */
const SQLSTATES: Readonly<Record<number, string>> = { 2067: '23505', 1555: '23505', 787: '23503', 1299: '23502', 275: '23514' }

/** What goes wrong with the file, whatever was asked. Extended codes carry these in their last byte. */
const FILE_TROUBLES: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
}

/** An error of SQLite's: `code` is PostgreSQL's for a constraint, and SQLite's own name for trouble with the file. */
export class SqliteError extends Error {
  readonly code: string

  constructor(cause: Error & { errcode: number }) {
    super(cause.message, { cause })
    this.code = SQLSTATES[cause.errcode] ?? FILE_TROUBLES[cause.errcode & 0xff] ?? 'SQLITE_ERROR'
  }
}

/** Runs what may throw node:sqlite's errors. */
export function tellingErrors<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')
      throw new SqliteError(Object.assign(error, { errcode: error.errcode }))
    throw error
  }
}
