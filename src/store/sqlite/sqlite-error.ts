/** SQLSTATE codes of refused statements by SQLite's extended codes; callers of the store know only SQLSTATE. */
const SQLSTATES: Readonly<Record<number, string>> = {
  2067: '23505',
  1555: '23505',
  787: '23503',
  1299: '23502',
  275: '23514',
}
/** The same by the last byte: too big, another constraint, type mismatch. */
const SQLSTATE_CLASSES: Readonly<Record<number, string>> = { 18: '22000', 19: '23000', 20: '22000' }

/** Errors of the file, by the last byte of the code. */
const FILE_ERRORS: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
}

/** An error of SQLite: `code` is an SQLSTATE for a refused statement, and SQLite's own name for an error of the file. */
export class SqliteError extends Error {
  readonly code: string

  constructor(cause: Error & { errcode: number }) {
    super(cause.message, { cause })
    const primary = cause.errcode & 0xff
    this.code = SQLSTATES[cause.errcode] ?? SQLSTATE_CLASSES[primary] ?? FILE_ERRORS[primary] ?? 'SQLITE_ERROR'
  }
}

/** Converts the errors of node:sqlite. */
export function withSqliteErrors<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')
      throw new SqliteError(Object.assign(error, { errcode: error.errcode }))
    throw error
  }
}
