import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { checkFormat, type Entry, SNAPSHOT_FORMAT, InvalidSnapshot } from './snapshot.ts'

const CHUNK_BYTES = 1 << 20
const NEWLINE = 0x0a

/** A Line is one line of a file and its end offset; `whole` is false for a last line without a newline. */
interface Line {
  text: string
  end: number
  whole: boolean
}

/** The lines of a file, which may be larger than JavaScript's longest string. */
function* linesOf(file: number): Generator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let rest: Buffer[] = []
  let end = 0
  for (let at = 0; ;) {
    const read = readSync(file, chunk, 0, CHUNK_BYTES, at)
    if (read === 0) break
    at += read
    let start = 0
    for (let newline = chunk.indexOf(NEWLINE); newline >= 0 && newline < read; newline = chunk.indexOf(NEWLINE, start)) {
      const text = Buffer.concat([...rest, chunk.subarray(start, newline)])
      rest = []
      start = newline + 1
      end += text.length + 1
      yield { text: text.toString(), end, whole: true }
    }
    if (start < read) rest.push(Buffer.from(chunk.subarray(start, read)))
  }
  if (rest.length > 0) yield { text: Buffer.concat(rest).toString(), end, whole: false }
}

/** Writes the complete text and returns the number of bytes. */
export function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
  return bytes.length
}

const parse = (line: Line): unknown => {
  try {
    return line.whole ? JSON.parse(line.text) : undefined
  } catch {
    return undefined
  }
}

/** A Header is the first line of a state file. A journal continues the snapshot of the same number. */
interface Header {
  format: number
  snapshot: number
}

export const headerLine = (snapshot: number): string => `${JSON.stringify({ format: SNAPSHOT_FORMAT, snapshot } satisfies Header)}\n`

/** The number in the header of a file, or undefined if the header is incomplete. */
export function readHeader(path: string): number | undefined {
  const file = openSync(path, 'r')
  try {
    const [first] = linesOf(file)
    if (!first?.whole) return undefined
    const header = parse(first) as Header | undefined
    checkFormat(header?.format, path)
    return header!.snapshot
  } finally {
    closeSync(file)
  }
}

/** The entries of a file. If the last line is incomplete, `torn` receives the end of the last complete line; without `torn` that is an error. */
export function* readEntries(path: string, torn?: (end: number) => void): Generator<Entry> {
  const damaged = (line: number) =>
    new InvalidSnapshot(`${path} is damaged in line ${line}. Restore a copy of the folder, or use another folder.`)
  const file = openSync(path, 'r')
  try {
    let number = 0
    let end = 0
    let tornIn = 0
    for (const line of linesOf(file)) {
      number++
      if (tornIn > 0) throw damaged(tornIn)
      const entries = parse(line)
      if (number === 1) end = line.end
      else if (Array.isArray(entries)) {
        for (const entry of entries as Entry[]) yield entry
        end = line.end
      } else tornIn = number
    }
    if (tornIn === 0) return
    if (!torn) throw damaged(tornIn)
    torn(end)
  } finally {
    closeSync(file)
  }
}

/**
 * A Journal is an append-only file of entries. If the process dies during a write, the next start removes the incomplete line. Data is handed
 * to the operating system without fsync: it survives a crash of the process, not a power failure.
 */
export interface Journal {
  readonly bytes: number
  append(entries: readonly Entry[]): void
  close(): void
}

function journalOn(file: number, start: number): Journal {
  let bytes = start
  return {
    get bytes() {
      return bytes
    },
    append: (entries) => void (bytes += writeAll(file, `${JSON.stringify(entries)}\n`)),
    close: () => closeSync(file),
  }
}

export function createJournal(path: string, snapshot: number): Journal {
  const file = openSync(path, 'w')
  return journalOn(file, writeAll(file, headerLine(snapshot)))
}

/** Continues a journal, truncated at `end` if given. */
export function continueJournal(path: string, end?: number): Journal {
  const file = openSync(path, 'a')
  if (end !== undefined) ftruncateSync(file, end)
  return journalOn(file, fstatSync(file).size)
}
