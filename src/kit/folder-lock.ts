import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { FolderInUse } from './errors/folder-in-use.ts'

/** Of two that start at once, SQLite may turn away both; the one that goes on asking wins. */
const PATIENCE_MS = 1_000
const SQLITE_BUSY = 5

/** Whoever forgets to give a folder back keeps it: what nobody refers to, Node would close. */
const held = new Set<DatabaseSync>()

interface Holder {
  pid: number
  host: string
  since: string
}

/** A FolderUse is what a folder is for, in words of messages. */
export interface FolderUse {
  /** As in "The database in /data is in use by …". */
  what: string
  /** What somebody can do who may not have the folder. */
  whatToDo: string
}

/**
 * Takes a folder for this process alone, or throws FolderInUse, which says who has it. The answer gives it back; so does the death of the process.
 * The lock is one of the operating system, which ends with the process that holds it, however that dies: no file with a process id can be as
 * sure, for ids are used again, and in a container every process is 1. Node reaches such locks through SQLite's exclusive transaction.
 */
export function lockFolder(folder: string, { what, whatToDo }: FolderUse): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Loaded by those alone who lock something.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const file = join(folder, 'lock.db')
  const holder = join(folder, 'holder.json')
  // Nobody else may open this file in our process: closing it anywhere would give the lock away.
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file, { timeout: PATIENCE_MS })
    lock.exec('pragma journal_mode = memory')
    lock.exec('begin exclusive')
    // Where this user can only read the file, "exclusive" has shut out nobody; a change, which is never committed, brings that to light.
    lock.exec('pragma user_version = 1')
  } catch (error) {
    lock?.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw cannotLock(what, file, error as Error)
    throw new FolderInUse(whoHas(`${what} in ${folder}`, readHolder(holder)), whatToDo, error)
  }
  const own = lock
  held.add(own)
  writeFileSync(holder, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() } satisfies Holder))
  return () => {
    if (!held.delete(own)) return
    rmSync(holder, { force: true })
    own.close()
  }
}

const cannotLock = (what: string, file: string, cause: Error): Error =>
  new Error(
    `${what} cannot be locked: its lock ${file} cannot be taken (${cause.message}). This user must own that folder and everything in it, and be able to write there.`,
    { cause },
  )

/** Only for the message; the winner of a race may not have written it yet. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

const whoHas = (what: string, holder: Holder | undefined): string =>
  `${what} is in use by ${holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process'}.`
