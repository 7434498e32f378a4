import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Company } from './company.ts'
import { type Entry, entriesOf, type Snapshot, snapshotOf, NO_COMPANY, tablesOf, valuesOf } from './snapshot.ts'
import { continueJournal, createJournal, type Journal, readEntries, readHeader } from './journal.ts'
import { lockFolder } from './folder-lock.ts'
import { writeSnapshot } from './snapshot-file.ts'

/** Reads change only the spent tokens; those are stored at this interval. */
const STORE_READS_EVERY_MS = 1_000
/** A journal longer than this, and than the last snapshot, is replaced by a new snapshot. */
const MIN_JOURNAL_BYTES = 16 << 20

/** A PersistedState is the state to store. Its values are small: they are compared after every change. */
export interface PersistedState {
  values(): Record<string, unknown>
  companies(): readonly Company[]
}

/** A Persistence stores a sandbox's state in a folder, which it locks. */
export interface Persistence {
  /** The state found in the folder. */
  readonly stored: Snapshot | undefined
  /** Stores this state from now on; called again after a reset. */
  attach(attached: PersistedState): void
  /** Writes all changes. Changes of tables are also written at the end of the turn. */
  commit(): void
  close(): void
}

export function openPersistence(folder: string): Persistence {
  mkdirSync(folder, { recursive: true })
  const snapshotPath = join(folder, 'snapshot.ndjson')
  const journalPath = join(folder, 'journal.ndjson')
  const unlock = lockFolder(folder)

  let journal: Journal | undefined
  let number = 0
  let snapshotBytes = 0
  let attached: PersistedState | undefined
  let unobserve: (() => void)[] = []
  /** The last written JSON of each value, by company and name. */
  let lastWritten = new Map<string, string>()
  /** The latest entry of each changed row; a row that changes twice in a turn is written once. */
  let pending = new Map<string, Entry>()
  let commitScheduled = false

  function* storedEntries(): Generator<Entry> {
    yield* readEntries(snapshotPath)
    snapshotBytes = statSync(snapshotPath).size
    // An older journal remains if the process died between the new snapshot and its journal.
    if (!existsSync(journalPath) || readHeader(journalPath) !== number) return void (journal = createJournal(journalPath, number))
    let end: number | undefined
    yield* readEntries(journalPath, (at) => (end = at))
    journal = continueJournal(journalPath, end)
  }

  function load(): Snapshot | undefined {
    if (!existsSync(snapshotPath)) return undefined
    number = readHeader(snapshotPath) ?? 0
    return snapshotOf(storedEntries())
  }

  /** The values that changed since the last write. */
  function* changedValues({ values, companies }: PersistedState): Generator<Entry> {
    const all: [number, Record<string, unknown>][] = [
      [NO_COMPANY, values()],
      ...companies().map((state): [number, Record<string, unknown>] => [state.id, valuesOf(state)]),
    ]
    for (const [company, named] of all)
      for (const [name, value] of Object.entries(named)) {
        const json = JSON.stringify(value)
        if (lastWritten.get(`${company} ${name}`) === json) continue
        lastWritten.set(`${company} ${name}`, json)
        yield ['set', company, name, value]
      }
  }

  function commit(): void {
    commitScheduled = false
    if (!attached || !journal) return
    const entries = [...pending.values(), ...changedValues(attached)]
    pending = new Map()
    if (entries.length === 0) return
    journal.append(entries)
    if (journal.bytes > Math.max(MIN_JOURNAL_BYTES, snapshotBytes)) writeNewSnapshot(attached)
  }

  function writeNewSnapshot(state: PersistedState): void {
    snapshotBytes = writeSnapshot(snapshotPath, ++number, entriesOf(state.values(), state.companies()))
    journal?.close()
    journal = createJournal(journalPath, number)
  }

  function observe(state: PersistedState): void {
    for (const end of unobserve) end()
    unobserve = state.companies().flatMap(({ id, ...parts }) =>
      tablesOf({ id, ...parts }).map(([name, table]) =>
        table.observe(({ kind, row }) => {
          pending.set(`${id} ${name} ${row.id}`, kind === 'remove' ? ['gone', id, name, row.id] : ['row', id, name, row])
          if (commitScheduled) return
          commitScheduled = true
          queueMicrotask(commit)
        }),
      ),
    )
  }

  let initial: Snapshot | undefined
  try {
    initial = load()
  } catch (error) {
    unlock()
    throw error
  }
  const timer = setInterval(commit, STORE_READS_EVERY_MS)
  timer.unref()

  return {
    stored: initial,
    attach(state) {
      const isFirstState = attached === undefined
      attached = state
      pending = new Map()
      lastWritten = new Map()
      observe(state)
      if (isFirstState && initial) commit()
      else {
        writeNewSnapshot(state)
        // The snapshot contains all values: mark them as written.
        Array.from(changedValues(state))
      }
    },
    commit,
    close() {
      clearInterval(timer)
      if (attached && journal) {
        commit()
        writeNewSnapshot(attached)
      }
      for (const end of unobserve) end()
      journal?.close()
      journal = undefined
      unlock()
    },
  }
}
