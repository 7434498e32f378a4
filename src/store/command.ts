import { open, rm } from 'node:fs/promises'
import { systemClock } from '../kit/clock.ts'
import type { Command, CommandOption } from '../kit/command.ts'
import { createLogger } from '../kit/logger.ts'
import type { ExportHeader } from './export-format.ts'
import { exportStore } from './export-store.ts'
import { importStore } from './import-store.ts'
import { openStore } from './open-store.ts'
import type { Store, StorePlace } from './store.ts'

type Options = Record<string, string | undefined>

/** A StoreOfOptions says which store the options of a command mean. */
export interface StoreOfOptions {
  options: readonly CommandOption[]
  place: (options: Options) => StorePlace | undefined
  say: (text: string) => void
}

/** The file alone opens nothing; whoever has the key ring as well can use every Pipedrive key in it. */
const OWNER_ONLY = 0o600

/** `store export` and `store import`: a backup, and the way from the embedded database to PostgreSQL and back. */
export function storeCommands({ options, place, say }: StoreOfOptions): Command[] {
  const using = async (given: Options, run: (store: Store) => Promise<void>): Promise<void> => {
    const where = place(given)
    if (!where || where.kind === 'memory')
      throw new Error('There is no store that outlives a process: with --store embedded (and --data) or DATABASE_URL there is one.')
    const store = await openStore({ place: where, logger: createLogger('warn') })
    try {
      await run(store)
    } finally {
      await store.close()
    }
  }
  return [
    {
      name: 'store export',
      description: 'write everything in the store to a file, Pipedrive keys sealed as they are',
      arguments: ['<file>'],
      options,
      run: (given, _stop, args) =>
        using(given, async (store) => {
          const file = args![0]!
          const header = await writeExport(store, file)
          say(
            `${summary(header)} written to ${file}\n` +
              'The Pipedrive keys in it stay sealed: they open only with the same key ring (DEALBRIDGE_KEYS, or the key file in the data folder). Keep a copy of that apart from this file.',
          )
        }),
    },
    {
      name: 'store import',
      description: 'read such a file into an empty store, while no connector runs on it',
      arguments: ['<file>'],
      options,
      run: (given, _stop, args) =>
        using(given, async (store) => {
          const file = args![0]!
          const header = await importStore(store, (await open(file)).readLines())
          say(
            `${summary(header)} of ${header.exportedAt} read from ${file}\n` +
              'Start the connector with the key ring that sealed them (DEALBRIDGE_KEYS, or the key file in the data folder), or no connection works.',
          )
        }),
    },
  ]
}

/** Never over an existing file; a failed export leaves none. */
async function writeExport(store: Store, file: string): Promise<ExportHeader> {
  const handle = await open(file, 'wx', OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} is there already; an export overwrites nothing.`) : error
  })
  try {
    const header = await exportStore(store, systemClock.now(), (line) => handle.appendFile(`${line}\n`))
    await handle.sync()
    return header
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

const summary = ({ tables }: ExportHeader): string =>
  Object.entries(tables)
    .filter(([name]) => name !== 'settings')
    .map(([name, rows]) => `${rows} ${name.replaceAll('_', ' ')}`)
    .join(', ')
