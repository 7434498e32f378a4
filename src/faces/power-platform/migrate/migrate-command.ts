import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, parse } from 'node:path'
import type { Command } from '../../../kit/command.ts'
import { CERTIFIED } from './api-name.ts'
import { migrate } from './migrate.ts'
import { migrationJson, migrationReport } from './migration-report.ts'
import { CONNECTIONS_FILE } from './standard.ts'
import { textFile, type TextFile } from './text-file.ts'

/** More than the Power Platform lets anybody import. */
const MOST_FILE_BYTES = 256 * 1024 * 1024

/** `migrate`: the way of existing flows from the certified connector to ours, and back. */
export const migrateCommand: Command = {
  name: 'migrate',
  description: 'replace the certified Pipedrive connector by this one in an exported flow, solution or Logic App',
  prints: 'what was changed, and what was not and why',
  failsWhen: 'a step or a connection stays as it was',
  arguments: ['<file>'],
  options: [
    {
      flags: '--to <connector>',
      description: 'the new connector: shared_… in the Power Platform, name or id of the resource in Azure (required)',
    },
    { flags: '--from <connector>', description: 'the connector to replace', default: CERTIFIED },
    { flags: '-o, --out <file>', description: 'the new file; by default beside the old one' },
    { flags: '--dry-run', description: 'write nothing; print what would change' },
    { flags: '--json', description: 'print JSON' },
  ],
  async run({ to, from, out, dryRun, json }, _stop, args) {
    const file = args![0]!
    if (!to)
      throw new Error(
        '--to is missing. In the Power Platform it is the name of the custom connector, shared_…: the last part of its address in Power Automate. ' +
          'In Azure it is the name of the custom connector resource.',
      )
    const bytes = await readBounded(file)
    const beside = basename(file) === CONNECTIONS_FILE ? await workflowsBeside(file) : []
    const migration = named(file, () => migrate({ name: basename(file), bytes, beside, from: from || CERTIFIED, to }))
    const isWritten = migration.output !== undefined && dryRun === undefined
    const output = isWritten ? out || besideOf(file) : undefined
    if (output !== undefined) await writeNew(output, migration.output!)
    const ending = output === undefined ? 'Nothing was written.' : `Written to ${output}`
    process.stdout.write(json ? migrationJson(migration, file, output) : `${migrationReport(migration, to)}\n${ending}\n`)
    // For scripts: something is left where it was.
    if (migration.kept.length > 0) process.exitCode = 1
  },
}

/** What is wrong with a file says which one: a script migrates many. */
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
  if (found.isDirectory()) throw new Error(`${file} is a folder. Give the exported zip, or the connections.json of a Standard Logic App.`)
  if (found.size > MOST_FILE_BYTES)
    throw new Error(`${file} has ${found.size} bytes; ${MOST_FILE_BYTES} are the most that are read. Export the flows one by one.`)
  return readFile(file)
}

/** The workflows of a Standard project lie in folders of their own beside connections.json. */
async function workflowsBeside(file: string): Promise<TextFile[]> {
  const folder = dirname(file)
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const workflows = await Promise.all(
    folders.toSorted().map(async (name) => {
      const path = join(folder, name, 'workflow.json')
      const content = await readFile(path).catch(() => undefined)
      return content === undefined ? [] : [textFile(`${name}/workflow.json`, content)]
    }),
  )
  return workflows.flat()
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
    // Half a zip beside the old one would look like a migration.
    await rm(file, { force: true })
    throw new Error(`${file} cannot be written: ${(error as Error).message}. Nothing is left of it.`, { cause: error })
  } finally {
    await handle.close()
  }
}
