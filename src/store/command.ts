import { existsSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { systemClock } from '../kit/clock.ts'
import type { Command, CommandOption } from '../kit/command.ts'
import { createLogger } from '../kit/logger.ts'
import { FolderInUse } from '../kit/errors/folder-in-use.ts'
import type { ExportHeader } from './export-format.ts'
import { exportStore } from './export-store.ts'
import { importStore } from './import-store.ts'
import { openStore, type OpenStoreOptions } from './open-store.ts'
import type { Store, StorePlace } from './store.ts'

type Options = Record<string, string | undefined>

/** A StoreOfOptions says which store the options of a command mean. */
export interface StoreOfOptions {
  options: readonly CommandOption[]
  place: (options: Options) => StorePlace | undefined
  say: (text: string) => void
  open?: (options: OpenStoreOptions) => Promise<Store>
}

const STOP_FIRST =
  'Stop the server, run this again, and start the server. Only a store in PostgreSQL can be exported while servers run, also with its own pg_dump.'

/** The file alone opens nothing; whoever has the key ring as well can use every Pipedrive key in it. */
const OWNER_ONLY = 0o600

/** `store export` and `store import`: a backup, and the way from the embedded database to PostgreSQL and back. */
export function storeCommands({ options, place, say, open: openAt = openStore }: StoreOfOptions): Command[] {
  const placeOf = (given: Options): StorePlace => {
    const where = place(given)
    if (!where || where.kind === 'memory')
      throw new Error('There is no store that outlives a process: with --store embedded (and --data, or DATABASE_URL) there is one.')
    return where
  }
  const using = async (where: StorePlace, run: (store: Store) => Promise<void>): Promise<void> => {
    const store = await openAt({ place: where, logger: createLogger('warn') }).catch((error: unknown) => {
      if (!(error instanceof FolderInUse)) throw error
      throw new Error(`${error.who} ${STOP_FIRST}`, { cause: error })
    })
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
      async run(given, stop, args) {
        const where = placeOf(given)
        // A backup of the wrong folder would be empty, and nobody would know until it is needed.
        if (where.kind === 'embedded' && !existsSync(where.folder))
          throw new Error(`There is no store in ${where.folder}, and so nothing to export. With which --data does the server run?`)
        await using(where, async (store) => {
          const file = args![0]!
          const header = await writeExport(store, file, stop)
          say(
            `${summary(header)} written to ${file}\n` +
              'The Pipedrive keys in it stay sealed: they open only with the same key ring (DEALBRIDGE_KEYS, or the key file in the data folder). Keep a copy of that apart from this file.',
          )
        })
      },
    },
    {
      name: 'store import',
      description: 'read such a file into an empty store, while no connector runs on it',
      arguments: ['<file>'],
      options,
      async run(given, stop, args) {
        const where = placeOf(given)
        const file = args![0]!
        const handle = await open(file)
        try {
          await using(where, async (store) => {
            const header = await importStore(store, linesOf(handle, stop))
            say(
              `${summary(header)} of ${header.exportedAt} read from ${file}\n` +
                'Start the connector with the key ring that sealed them (DEALBRIDGE_KEYS, or the key file in the data folder), or no connection works.',
            )
          })
        } finally {
          await handle.close()
        }
      },
    },
  ]
}

/** Begins to read when somebody asks for the first line: what a file yields before that, Node throws away, its end included. */
async function* linesOf(handle: FileHandle, stop: AbortSignal): AsyncGenerator<string> {
  for await (const line of handle.readLines()) {
    stop.throwIfAborted()
    yield line
  }
}

/** Never over an existing file; a failed export leaves none. */
async function writeExport(store: Store, file: string, stop: AbortSignal): Promise<ExportHeader> {
  const handle = await open(file, 'wx', OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} is there already; an export overwrites nothing.`) : error
  })
  try {
    const header = await exportStore(store, systemClock.now(), (line) => {
      stop.throwIfAborted()
      return handle.appendFile(`${line}\n`)
    })
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
