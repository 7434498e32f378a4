import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Company } from './company.ts'
import { type Entry, entriesOf, type Snapshot, snapshotOf, NO_COMPANY, tablesOf, valuesOf } from './snapshot.ts'
import { continueJournal, createJournal, type Journal, readEntries, readHeader } from './journal.ts'
import { lockFolder } from './folder-lock.ts'
import { writeSnapshot } from './snapshot-file.ts'

/** What reads alone change, the tokens spent, is kept this often. */
const READS_KEPT_EVERY_MS = 1_000
/** A journal is worth a new snapshot when it is longer than the last one, and than this. */
const SHORTEST_LONG_JOURNAL_BYTES = 16 << 20

/** A Living is the state that is kept. Its values are small: they are compared after every change. */
export interface PersistedState {
  values(): Record<string, unknown>
  companies(): readonly Company[]
}

/** A Keeper keeps a sandbox's state in a folder that nobody else uses at the time. */
export interface Persistence {
  /** What was in the folder. */
  readonly stored: Snapshot | undefined
  /** Keeps this from now on; after a reset, what is there then. */
  attach(attached: PersistedState): void
  /** Writes down what has changed. Changes of tables are written by the end of the turn even without. */
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
  /** What every value was when it was last written, as JSON, by company and name. */
  let lastWritten = new Map<string, string>()
  /** The latest step for each row that has changed; a row that changes twice in a turn is written once. */
  let pending = new Map<string, Entry>()
  let commitScheduled = false

  function* storedEntries(): Generator<Entry> {
    yield* readEntries(snapshotPath)
    snapshotBytes = statSync(snapshotPath).size
    // A journal of an older snapshot is what is left when the process died between the new snapshot and its journal.
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

  /** The values that differ from what was written last. */
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
    if (journal.bytes > Math.max(SHORTEST_LONG_JOURNAL_BYTES, snapshotBytes)) writeNewSnapshot(attached)
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
  const timer = setInterval(commit, READS_KEPT_EVERY_MS)
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
        // All of it is in the snapshot now: what is written next is what differs from that.
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
