import { closeSync, existsSync, fsyncSync, openSync, rmSync, linkSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreUnusable } from '../errors/store-unusable.ts'
import { databaseFile } from './open-sqlite.ts'
import { SqliteError, withSqliteErrors } from './sqlite-error.ts'

/**
 * Copies the database of a folder to a new file, as of one moment, while a server runs on it: readers of SQLite's log disturb no writer. The copy
 * is on the disk, and was checked, before it gets its name. Answers its size in bytes.
 */
export function backUp(folder: string, file: string): number {
  const source = databaseFile(folder)
  if (!existsSync(source))
    throw new Error(`There is no embedded store in ${folder}, and so nothing to back up. With which --data does the server run?`)
  const alreadyThere = () => new Error(`${file} is there already; a backup overwrites nothing.`)
  if (existsSync(file)) throw alreadyThere()
  const unfinished = `${file}.unfinished-${process.pid}`
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  // Made by us, so that nobody else can read what SQLite writes into it.
  closeSync(openSync(unfinished, 'wx', 0o600))
  try {
    withSqliteErrors(() => {
      const database = new DatabaseSync(source, { readOnly: true })
      try {
        database.prepare('vacuum into ?').run(unfinished)
      } finally {
        database.close()
      }
      const copy = new DatabaseSync(unfinished, { readOnly: true })
      try {
        const { quick_check: damage } = copy.prepare('pragma quick_check(1)').get() ?? {}
        if (damage !== 'ok')
          throw new StoreUnusable(
            `The database ${source} is damaged (${String(damage)}).`,
            'Nothing was backed up. Keep your older backups.',
          )
      } finally {
        copy.close()
      }
    })
    sync(unfinished)
    linkSync(unfinished, file)
    sync(dirname(file))
    return statSync(file).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere()
    if (!(error instanceof SqliteError)) throw error
    throw new StoreUnusable(
      `The database ${source} cannot be copied to ${file}: ${error.message} (${error.code}).`,
      'Look for room on that disk, and for the right to write there. No file was left behind.',
      error,
    )
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function sync(path: string): void {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    // Windows opens no folders.
    return
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
