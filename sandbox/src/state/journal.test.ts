import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Entry } from './snapshot.ts'
import { continueJournal, createJournal, readEntries, readHeader } from './journal.ts'

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'journal.ndjson')
}
const set = (name: string, value: unknown = 1): Entry => ['set', 1, name, value]

function written(...lines: Entry[][]): string {
  const path = newPath()
  const journal = createJournal(path, 7)
  for (const line of lines) journal.append(line)
  journal.close()
  return path
}

/** Reads as a start does: what is torn is cut. */
function read(path: string): Entry[] {
  let end: number | undefined
  const entries = [...readEntries(path, (at) => (end = at))]
  continueJournal(path, end).close()
  return entries
}

test('what was appended is read again, with the number of its snapshot', () => {
  const path = written([set('a'), set('b', 'ö\n"')], [set('c')])
  expect([readHeader(path), read(path)]).toEqual([7, [set('a'), set('b', 'ö\n"'), set('c')]])
})

test('an incomplete last line is removed completely, and the journal continues', () => {
  const line = [set('b', 'Übergröße'), set('c')]
  const whole = readFileSync(written([set('a')], line)).length
  const tail = Buffer.byteLength(`${JSON.stringify(line)}\n`)
  for (let missing = 1; missing <= tail; missing++) {
    const path = written([set('a')], line)
    truncateSync(path, whole - missing)
    expect(read(path), `${missing} bytes missing`).toEqual([set('a')])
    const journal = continueJournal(path)
    journal.append([set('d')])
    journal.close()
    expect(read(path)).toEqual([set('a'), set('d')])
  }
})

test('damage before the end is an error that names the line, and so is a torn snapshot', () => {
  const path = written([set('a')], [set('b')])
  writeFileSync(path, readFileSync(path, 'utf8').replace('["set",1,"a",1]', '["set",1,"a"'))
  expect(() => read(path)).toThrow('is damaged in line 2')
  const torn = written([set('a')])
  appendFileSync(torn, '[["set"')
  expect(() => [...readEntries(torn)]).toThrow('is damaged in line 3')
})

test('an incomplete header counts as missing; one of a newer version is refused', () => {
  const path = newPath()
  writeFileSync(path, '{"format":1,"sna')
  expect(readHeader(path)).toBeUndefined()
  writeFileSync(path, '{"format":99,"snapshot":1}\n')
  expect(() => readHeader(path)).toThrow('was written by a newer version of @dealbridge/sandbox (format 99; this one reads 1)')
  writeFileSync(path, 'title,value\n')
  expect(() => readHeader(path)).toThrow('is not a snapshot of a sandbox')
})

test('lines longer than a read, and many in one, are read whole', () => {
  const long = set('long', 'é'.repeat(1_500_000))
  const many = Array.from({ length: 20_000 }, (_, at) => [set(`n${at}`)])
  expect(read(written([long], ...many, [long]))).toEqual([long, ...many.flat(), long])
})
