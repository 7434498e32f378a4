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

/** A StoreOfOptions says which store the options of a command mean. */
export interface StoreCommandDeps {
  options: readonly CommandOption[]
  place: (options: StoreCommandOptions) => StorePlace | undefined
  say: (text: string) => void
  open?: (options: OpenStoreOptions) => Promise<Store>
}

const STOP_FIRST =
  'Stop the server, run this again, and start the server; or copy the database while the server runs with `dealbridge store backup`.'

/** The file alone opens nothing; whoever has the key ring as well can use every Pipedrive key in it. */
const OWNER_ONLY = 0o600

const KEEP_THE_RING =
  'The Pipedrive keys in it stay sealed: they open only with the same key ring (DEALBRIDGE_KEYS, or the key file in the data folder). Keep a copy of that apart from this file.'

/** `store backup` copies the embedded database while it is in use; `store export` and `store import` are the way from one engine to the other. */
export function storeCommands({ options, place, say, open: openAt = openStore }: StoreCommandDeps): Command[] {
  const placeOf = (given: StoreCommandOptions): StorePlace => {
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
            `To restore it: stop the server, move away ${databaseFile(where.folder)} and the files beside it that begin with its name, and put this file in its place.\n${KEEP_THE_RING}`,
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
        // A backup of the wrong folder would be empty, and nobody would know until it is needed.
        if (where.kind === 'embedded' && !existsSync(where.folder))
          throw new Error(`There is no store in ${where.folder}, and so nothing to export. With which --data does the server run?`)
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
