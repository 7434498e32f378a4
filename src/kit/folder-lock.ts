import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { FolderInUse } from './errors/folder-in-use.ts'

/** If two processes start at once, SQLite may reject both; with this timeout one of them gets the lock. */
const PATIENCE_MS = 1_000
const SQLITE_BUSY = 5

/** References to the open locks: without a reference Node would close the database and release the lock. */
const locks = new Set<DatabaseSync>()

interface Holder {
  pid: number
  host: string
  since: string
}

/** A FolderUse is the purpose of a folder, for messages. */
export interface FolderUse {
  /** As in "The database in /data is in use by …". */
  what: string
  /** The advice if another process uses the folder. */
  whatToDo: string
}

/**
 * Locks a folder for this process, or throws FolderInUse, which names the process that uses it. The returned function releases it; so does the end
 * of the process. It is a lock of the operating system, which ends with its process in every case. A file with a process id is less reliable:
 * ids are reused, and in a container every process is 1. Node reaches such locks through SQLite's exclusive transaction.
 */
export function lockFolder(folder: string, { what, whatToDo }: FolderUse): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Loaded only by processes that lock a folder.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const file = join(folder, 'lock.db')
  const holder = join(folder, 'holder.json')
  // No other code in this process may open this file: closing it anywhere would release the lock.
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file, { timeout: PATIENCE_MS })
    lock.exec('pragma journal_mode = memory')
    lock.exec('begin exclusive')
    // If this user can only read the file, "exclusive" locks nothing; a change, which is never committed, then fails.
    lock.exec('pragma user_version = 1')
  } catch (error) {
    lock?.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw cannotLock(what, file, error as Error)
    throw new FolderInUse(whoHas(`${what} in ${folder}`, readHolder(holder)), whatToDo, error)
  }
  const own = lock
  locks.add(own)
  writeFileSync(holder, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() } satisfies Holder))
  return () => {
    if (!locks.delete(own)) return
    rmSync(holder, { force: true })
    own.close()
  }
}

const cannotLock = (what: string, file: string, cause: Error): Error =>
  new Error(
    `${what} cannot be locked: its lock ${file} cannot be taken (${cause.message}). This user must own that folder and everything in it, and be able to write there.`,
    { cause },
  )

/** Only for the message; the process that won a race may not have written it yet. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

const whoHas = (what: string, holder: Holder | undefined): string =>
  `${what} is in use by ${holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process'}.`
