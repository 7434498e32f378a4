import { readFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync as Lock } from 'node:sqlite'
import { FolderInUse } from './errors/folder-in-use.ts'

/** A FolderLock is the sole right to a folder, held until `release` or the death of the process. */
export interface FolderLock {
  release(): Promise<void>
}

/** Of two that start at once, SQLite may turn away both; the one that goes on asking wins. */
const PATIENCE_MS = 1_000
const SQLITE_BUSY = 5

interface Holder {
  pid: number
  host: string
  since: string
}

/**
 * Takes a folder for this process alone, or says who has it.
 * The lock is one of the operating system, which ends with the process that holds it, however that dies: no file with a process id can be as
 * sure, for ids are used again, and in a container every process is 1. Node reaches such locks through SQLite's exclusive transaction.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { DatabaseSync } = await import('node:sqlite')
  const file = join(folder, 'lock')
  const holder = join(folder, 'holder.json')
  // Nobody else may open this file in our process: closing it anywhere would give the lock away.
  let lock: Lock | undefined
  try {
    lock = new DatabaseSync(file, { timeout: PATIENCE_MS })
    lock.exec('pragma journal_mode = memory')
    lock.exec('begin exclusive')
    // Where this user can only read the file, "exclusive" has shut out nobody; a change, which is never committed, brings that to light.
    lock.exec('pragma user_version = 1')
  } catch (error) {
    lock?.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw cannotLock(file, error as Error)
    throw new FolderInUse(whoHas(folder, await readHolder(holder)), SHARE, error)
  }
  const held = lock
  await writeFile(holder, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() } satisfies Holder))
  return {
    async release() {
      await rm(holder, { force: true })
      held.close()
    },
  }
}

const cannotLock = (file: string, cause: Error): Error =>
  new Error(
    `The lock of the embedded database, ${file}, cannot be taken: ${cause.message}. This user must own that folder and everything in it, and be able to write there.`,
    { cause },
  )

/** Only for the message; the winner of a race may not have written it yet. */
const readHolder = async (file: string): Promise<Holder | undefined> =>
  readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as Holder)
    .catch(() => undefined)

const whoHas = (folder: string, holder: Holder | undefined): string =>
  `The database in ${folder} is in use by ${holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process'}.`

const SHARE =
  "Two processes on one embedded database would lose each other's writes, so this one does not start. " +
  'Stop that process, or give this one a folder of its own with --data, or let several share a PostgreSQL with DATABASE_URL.'
