import { existsSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { systemClock } from '../kit/clock.ts'
import type { Command, CommandOption } from '../kit/command.ts'
import { createLogger } from '../kit/logger.ts'
import { FolderInUse } from '../kit/errors/folder-in-use.ts'
import type { ExportHeader } from './export-format.ts'
import { exportStore } from './export-store.ts'
import { importStore } from './import-store.ts'
import { backUp } from './sqlite/back-up.ts'
import { databaseFile } from './sqlite/open-sqlite.ts'
import { openStore, type OpenStoreOptions } from './open-store.ts'
import type { Store, StorePlace } from './store.ts'

type StoreCommandOptions = Record<string, string | undefined>

/** StoreCommandDeps map the options of a command to a store. */
export interface StoreCommandDeps {
  options: readonly CommandOption[]
  place: (options: StoreCommandOptions) => StorePlace | undefined
  say: (text: string) => void
  open?: (options: OpenStoreOptions) => Promise<Store>
}

const STOP_FIRST =
  'Stop the server, run this again, and start the server; or copy the database while the server runs with `dealbridge store backup`.'

/** The file alone opens nothing, but with the key ring it opens every Pipedrive key in it. */
const OWNER_ONLY = 0o600

const KEEP_THE_RING =
  'The Pipedrive keys in it stay sealed: they open only with the same key ring (DEALBRIDGE_KEYS, or the key file in the data folder). Keep a copy of that apart from this file.'

/** `store backup` copies the embedded database while it is in use; `store export` and `store import` move data from one engine to the other. */
export function storeCommands({ options, place, say, open: openAt = openStore }: StoreCommandDeps): Command[] {
  const placeOf = (given: StoreCommandOptions): StorePlace => {
    const where = place(given)
    if (!where || where.kind === 'memory')
      throw new Error('This needs a store that outlives the process: --store embedded (with --data), or DATABASE_URL.')
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
      name: 'store backup',
      description: 'copy the embedded store to a file, also while the server runs',
      prints: 'the size of the copy, and how to restore it',
      arguments: ['<file>'],
      options,
      async run(given, _stop, args) {
        const where = placeOf(given)
        if (where.kind !== 'embedded')
          throw new Error(
            '`store backup` copies the embedded store. A PostgreSQL is backed up with its own tools (pg_dump), or with `dealbridge store export`.',
          )
        const file = args![0]!
        const bytes = backUp(where.folder, file)
        say(
          `${Math.ceil(bytes / 1_024)} kB written to ${file}\n` +
            `To restore it: stop the server, move ${databaseFile(where.folder)} and the files beside it that begin with its name out of the folder, and copy this file to its path.\n${KEEP_THE_RING}`,
        )
      },
    },
    {
      name: 'store export',
      description: 'write everything in the store to a new file; Pipedrive keys stay sealed',
      prints: 'what was exported',
      arguments: ['<file>'],
      options,
      async run(given, stop, args) {
        const where = placeOf(given)
        // An export of the wrong folder would be empty, which would be noticed only at the restore.
        if (where.kind === 'embedded' && !existsSync(where.folder))
          throw new Error(`There is no store in ${where.folder}, and so nothing to export. Use the --data of the server.`)
        await using(where, async (store) => {
          const file = args![0]!
          const header = await writeExport(store, file, stop)
          say(`${summary(header)} written to ${file}\n${KEEP_THE_RING}`)
        })
      },
    },
    {
      name: 'store import',
      description: 'read an exported file into an empty store, while no connector uses it',
      prints: 'what was imported',
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

/** Starts reading with the first request for a line: Node drops what a file yields before that, its end included. */
async function* linesOf(handle: FileHandle, stop: AbortSignal): AsyncGenerator<string> {
  for await (const line of handle.readLines()) {
    stop.throwIfAborted()
    yield line
  }
}

/** Never overwrites a file; a failed export leaves none. */
async function writeExport(store: Store, file: string, stop: AbortSignal): Promise<ExportHeader> {
  const handle = await open(file, 'wx', OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} exists already, and an export overwrites nothing. Choose another file name.`) : error
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
