import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs'
import type { Entry } from './snapshot.ts'
import { headerLine, writeAll } from './journal.ts'

/** Entries per line: long lines parse faster, short ones need less memory. */
const ENTRIES_PER_LINE = 100
const LINES_PER_WRITE = 16

/** Replaces the snapshot atomically: a crash leaves the old one. Returns its size in bytes. */
export function writeSnapshot(path: string, snapshot: number, entries: Iterable<Entry>): number {
  const temporaryPath = `${path}.new`
  const file = openSync(temporaryPath, 'w')
  let bytes = 0
  try {
    let text = headerLine(snapshot)
    let lines = 1
    let line: Entry[] = []
    const endLine = () => {
      text += `${JSON.stringify(line)}\n`
      line = []
      if (++lines % LINES_PER_WRITE > 0) return
      bytes += writeAll(file, text)
      text = ''
    }
    for (const entry of entries) if (line.push(entry) === ENTRIES_PER_LINE) endLine()
    if (line.length > 0) endLine()
    bytes += writeAll(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporaryPath, path)
  return bytes
}
