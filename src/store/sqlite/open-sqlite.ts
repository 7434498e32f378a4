import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { lockFolder } from '../../kit/folder-lock.ts'
import type { Logger } from '../../kit/logger.ts'
import { StoreUnusable } from '../errors/store-unusable.ts'
import { checkFileSystem } from './check-file-system.ts'
import { openFile } from './open-file.ts'
import { ownSession, type SqliteSession } from './sqlite-driver.ts'
import { SqliteError, withSqliteErrors } from './sqlite-error.ts'
import { sqliteStatements } from './sqlite-statements.ts'
import { threadSession } from './thread-session.ts'

/** An EmbeddedDatabase is an open SQLite database. */
export interface EmbeddedDatabase {
  session: SqliteSession
  close(): Promise<void>
}

/** The database file; SQLite adds the write-ahead log (`-wal`) and its index (`-shm`). */
export const databaseFile = (folder: string): string => join(folder, 'dealbridge.db')

/** "DLBR", in the header of every database that Dealbridge creates. */
const APPLICATION_ID = 0x444c4252

const IN_USE =
  "Two processes on one embedded database would lose each other's writes, so this one does not start. " +
  'Stop that process, or give this one its own folder with --data, or use PostgreSQL (DATABASE_URL) for several processes.'

/** In memory: lost with the process. It needs no disk, and so no thread. */
export function openMemory(): EmbeddedDatabase {
  const database = openFile(':memory:')
  return { session: ownSession(sqliteStatements(database)), close: async () => database.close() }
}

/** In a folder, which no other process may use at the same time. Throws StoreUnusable and FolderInUse. */
export function openFolder(folder: string, logger: Logger): EmbeddedDatabase {
  refuseOtherKinds(folder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  checkFileSystem(folder, logger)
  const unlock = lockFolder(folder, { what: 'The database', whatToDo: IN_USE })
  const file = databaseFile(folder)
  try {
    checkFile(file)
    const session = threadSession(file)
    return {
      session,
      async close() {
        try {
          await session.close()
        } finally {
          unlock()
        }
      },
    }
  } catch (error) {
    unlock()
    throw error instanceof SqliteError ? cannotUse(file, error) : error
  }
}

/** Checks the file before writing to it, and sets its persistent options. */
function checkFile(file: string): void {
  withSqliteErrors(() => {
    const database = openFile(file)
    try {
      const { application_id: id } = one(database, 'pragma application_id')
      const { tables } = one(database, 'select count(*) as tables from sqlite_schema')
      if (tables !== 0 && id !== APPLICATION_ID)
        throw new StoreUnusable(
          `${file} is a database of another program.`,
          'Choose another folder with --data; this one was left unchanged.',
        )
      const { quick_check: damage } = one(database, 'pragma quick_check(1)')
      if (damage !== 'ok') throw damaged(file, String(damage))
      database.exec('pragma journal_mode = wal')
      // Marks the file as ours; also fails now if the file cannot be written.
      database.exec(`pragma application_id = ${APPLICATION_ID}`)
    } finally {
      database.close()
    }
  })
}

const one = (database: DatabaseSync, text: string): Record<string, unknown> => database.prepare(text).get() ?? {}

/** Version 0.1, which was never released, stored a PGlite database in such a folder. */
function refuseOtherKinds(folder: string): void {
  if (!existsSync(join(folder, 'data', 'PG_VERSION'))) return
  throw new StoreUnusable(
    `The database in ${folder} is from Dealbridge 0.1, which used another engine (PGlite).`,
    'It was left unchanged, and this version cannot read it. Choose another folder with --data, or move this one away, and add the connections again.',
  )
}

const damaged = (file: string, what: string, cause?: Error): StoreUnusable =>
  new StoreUnusable(
    `The database ${file} is damaged (${what}).`,
    'Move it and the files beside it that begin with its name out of the folder, and copy the newest backup (dealbridge store backup) to its path.',
    cause,
  )

/** What to do about an error of the file, by its SQLite name. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'The disk is full, or a quota is used up: free some space, and start again. Nothing that was confirmed is lost.',
  SQLITE_READONLY: 'It cannot be written: this user must own the folder and everything in it, and the disk must not be read-only.',
  SQLITE_CANTOPEN: 'It cannot be opened: this user must own the folder and everything in it, and be able to write there.',
  SQLITE_IOERR: 'The disk fails, or the folder was removed: check the system log.',
  SQLITE_BUSY: 'Another program has it open: stop that, and start again.',
}

function cannotUse(file: string, error: SqliteError): Error {
  if (error.code === 'SQLITE_CORRUPT' || error.code === 'SQLITE_NOTADB') return damaged(file, error.message, error)
  return new StoreUnusable(
    `The database ${file} cannot be used: ${error.message} (${error.code}).`,
    WAYS_OUT[error.code] ?? 'Check the folder, or choose another with --data.',
    error,
  )
}
