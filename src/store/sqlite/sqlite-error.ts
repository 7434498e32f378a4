/** PostgreSQL's codes for what a statement is refused for; the code above the store knows no others. */
const SQLSTATES: Readonly<Record<number, string>> = {
  2067: '23505',
  1555: '23505',
  787: '23503',
  1299: '23502',
  275: '23514',
}
/** The same by the last byte: too big, another constraint, no value of that type. */
const SQLSTATE_CLASSES: Readonly<Record<number, string>> = { 18: '22000', 19: '23000', 20: '22000' }

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
    const primary = cause.errcode & 0xff
    this.code = SQLSTATES[cause.errcode] ?? SQLSTATE_CLASSES[primary] ?? FILE_TROUBLES[primary] ?? 'SQLITE_ERROR'
  }
}

/** Runs what may throw node:sqlite's errors. */
export function withSqliteErrors<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')
      throw new SqliteError(Object.assign(error, { errcode: error.errcode }))
    throw error
  }
}
