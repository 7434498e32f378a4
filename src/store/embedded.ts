import { existsSync } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { PGliteDialect, PostgresAdapter, type Dialect } from 'kysely'
import { lockFolder } from './folder-lock.ts'
import { PgliteFs } from './pglite-fs.ts'

/** An EmbeddedDatabase is PGlite, opened: a PostgreSQL that runs inside this process. */
export interface EmbeddedDatabase {
  dialect: Dialect
  /** After the dialect's driver was destroyed. */
  close(): Promise<void>
}

/** PGlite takes files of this major version of PostgreSQL only. */
const POSTGRESQL_MAJOR = '18'

/** Its own defaults are those of a machine that does nothing else. Nothing here needs more; checkpoints stay short, and so does a start after a crash. */
const SMALL = ['shared_buffers=8MB', 'wal_buffers=1MB', 'min_wal_size=8MB', 'max_wal_size=64MB']

const startParams = (...settings: string[]): string[] => [
  // -F turns fsync off.
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...[...SMALL, ...settings].flatMap((setting) => ['-c', setting]),
]

/** WAL segments of 1 MB, the smallest there are: a new database is half as large, and made sooner. */
const INITDB_PARAMS = ['--wal-segsize=1']

/** In memory: gone with the process. */
export async function openMemory(): Promise<EmbeddedDatabase> {
  const pglite = await PGlite.create({ dataDir: 'memory://', initDbStartParams: INITDB_PARAMS, startParams: startParams('fsync=off') })
  return { dialect: alone(pglite), close: () => Promise.resolve() }
}

/** In a folder, which no other process may use at the same time. */
export async function openFolder(folder: string): Promise<EmbeddedDatabase> {
  const lock = await lockFolder(folder)
  try {
    const data = join(folder, 'data')
    if (!existsSync(data)) await makeDatabase(folder, data)
    const major = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
    if (major !== POSTGRESQL_MAJOR)
      throw new Error(
        `The database in ${data} is of PostgreSQL ${major}; this version of Dealbridge opens ${POSTGRESQL_MAJOR}. ` +
          'Export it with the version that made it (dealbridge store export), and import it into a new folder with this one.',
      )
    const pglite = await PGlite.create({ fs: new PgliteFs(data), startParams: startParams('fsync=on', 'wal_sync_method=fsync') })
    return { dialect: alone(pglite), close: () => lock.release() }
  } catch (error) {
    await lock.release()
    throw readable(error, folder)
  }
}

/** The numbers of WASI for what goes wrong with a disk. */
const DISK_ERRORS: Readonly<Record<number, string>> = {
  2: 'EACCES: permission denied',
  19: 'EDQUOT: the quota is used up',
  29: 'EIO: the disk fails',
  51: 'ENOSPC: no space left on the disk',
  69: 'EROFS: the disk is read-only',
}

/** PGlite throws what its file system does: an object with a number, and no words. */
export function readable(thrown: unknown, folder: string): Error {
  if (thrown instanceof Error) return thrown
  const { errno = Number.NaN } = thrown as { errno?: number }
  return new Error(`The embedded database in ${folder} cannot be opened: ${DISK_ERRORS[errno] ?? `error ${errno} of its file system`}.`)
}

/** Under another name first: a process that dies while it makes the files must not leave half a database under the real one. */
async function makeDatabase(folder: string, data: string): Promise<void> {
  const unfinished = join(folder, 'data.new')
  await rm(unfinished, { recursive: true, force: true })
  try {
    const pglite = await PGlite.create({
      fs: new NodeFS(unfinished),
      initDbStartParams: INITDB_PARAMS,
      startParams: startParams('fsync=off'),
    })
    await pglite.close()
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
  await syncTree(unfinished)
  await rename(unfinished, data)
  await syncPath(folder)
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    await (entry.isDirectory() ? syncTree(path) : syncPath(path))
  }
  await syncPath(folder)
}

async function syncPath(path: string): Promise<void> {
  // Windows opens no folders.
  const handle = await open(path, 'r').catch(() => undefined)
  if (!handle) return
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Kysely would line up callers where the guard cannot see who waits for itself; the guard does it instead. */
class QueuedElsewhere extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

function alone(pglite: PGlite): Dialect {
  const dialect = new PGliteDialect({ pglite })
  return {
    createAdapter: () => new QueuedElsewhere(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  }
}
