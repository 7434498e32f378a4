import { closeSync, existsSync, fsyncSync, openSync, rmSync, linkSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreUnusable } from '../errors/store-unusable.ts'
import { databaseFile } from './open-sqlite.ts'
import { SqliteError, withSqliteErrors } from './sqlite-error.ts'

/**
 * Copies the database of a folder to a new file, as of one moment, also while a server uses it: in WAL mode readers do not block writers. The
 * copy gets its name after it was checked and is on disk. Returns its size in bytes.
 */
export function backUp(folder: string, file: string): number {
  const source = databaseFile(folder)
  if (!existsSync(source))
    throw new Error(`There is no embedded store in ${folder}, and so nothing to back up. Use the --data of the server.`)
  const alreadyThere = () => new Error(`${file} exists already, and a backup overwrites nothing. Choose another file name.`)
  if (existsSync(file)) throw alreadyThere()
  const unfinished = `${file}.unfinished-${process.pid}`
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  // Created here, so that only its owner can read what SQLite writes into it.
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
      'Check the free space on that disk and the permission to write there. No file was left behind.',
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
    // Windows cannot open folders.
    return
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
