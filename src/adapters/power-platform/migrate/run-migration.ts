import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, parse } from 'node:path'
import { migrate } from './migrate.ts'
import { migrationJson, migrationReport } from './migration-report.ts'
import { CONNECTIONS_FILE, PARAMETERS_FILE } from './standard.ts'
import { textFile, type TextFile } from './text-file.ts'
import { whyNotFolder } from './which-file.ts'
import { MOST_ENTRY_BYTES } from './zip-file.ts'

/** Larger than any file that the Power Platform imports. */
const MOST_FILE_BYTES = 256 * 1024 * 1024

/** MigrationOptions are the options of the command `migrate`. */
export interface MigrationOptions {
  from: string
  to: string
  out?: string | undefined
  dryRun: boolean
  json: boolean
}

/** Migrates one file: writes the new one unless it is a dry run, and prints the report. */
export async function runMigration(file: string, { from, to, out, dryRun, json }: MigrationOptions): Promise<void> {
  const bytes = await readBounded(file)
  const beside = basename(file) === CONNECTIONS_FILE ? await projectBeside(file) : []
  const migration = named(file, () => migrate({ name: basename(file), bytes, beside, from, to }))
  const output = migration.output === undefined || dryRun ? undefined : out || besideOf(file)
  if (output !== undefined) await writeNew(output, migration.output!)
  const ending = output === undefined ? 'Nothing was written.' : `Written to ${output}`
  process.stdout.write(json ? migrationJson(migration, file, output) : `${migrationReport(migration, to)}\n${ending}\n`)
  // For scripts: some steps were not migrated.
  if (migration.kept.length > 0) process.exitCode = 1
}

/** An error about a file names the file, because a script migrates many. */
function named<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { message } = error as Error
    throw message.includes(basename(file)) ? error : new Error(`${file}: ${message}`, { cause: error })
  }
}

async function readBounded(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`There is no file ${file}.`) : error
  })
  if (found.isDirectory()) throw new Error(whyNotFolder(file, await readdir(file)))
  if (found.size > MOST_FILE_BYTES)
    throw new Error(`${file} has ${found.size} bytes; ${MOST_FILE_BYTES} are the most that are read. Export the flows one by one.`)
  return readFile(file)
}

/** The workflows of a Standard project are in folders of their own beside connections.json, the parameters in a file beside it. */
async function projectBeside(file: string): Promise<TextFile[]> {
  const folder = dirname(file)
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const files: TextFile[] = []
  let left = MOST_FILE_BYTES
  // In sequence, so that the limit includes the files already read.
  for (const name of [PARAMETERS_FILE, ...folders.toSorted().map((inner) => `${inner}/workflow.json`)]) {
    const path = join(folder, name)
    const size = (await stat(path).catch(() => undefined))?.size
    if (size === undefined) continue
    left -= size
    if (size > MOST_ENTRY_BYTES || left < 0)
      throw new Error(`${path} is too large: ${MOST_ENTRY_BYTES} bytes of one file are read, ${MOST_FILE_BYTES} of all.`)
    files.push(textFile(name, await readFile(path)))
  }
  return files
}

/** flow.zip → flow-dealbridge.zip */
function besideOf(file: string): string {
  const { dir, name, ext } = parse(file)
  return join(dir, `${name}-dealbridge${ext}`)
}

async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST'
      ? new Error(`${file} is there already; a migration overwrites nothing. Give another name with --out.`)
      : error
  })
  try {
    await writeFile(handle, bytes)
  } catch (error) {
    // A partly written zip beside the old one would look like a finished migration.
    await rm(file, { force: true })
    throw new Error(`${file} cannot be written: ${(error as Error).message}. Nothing is left of it.`, { cause: error })
  } finally {
    await handle.close()
  }
}
