import fc from 'fast-check'
import { unzipSync, Zip, ZipDeflate, ZipPassThrough, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { isZip, readZip, repack, unpack } from './zip-file.ts'

const text = (content: string) => Buffer.from(content)
const mtime = new Date(2026, 0, 1)
const zip = () =>
  Buffer.from(
    zipSync({
      'b.json': [text('{"b":1}'), { mtime }],
      '1.txt': [text('one'), { mtime, level: 0 }],
      'a/ü.xml': [text('<a/>'.repeat(500)), { mtime }],
    }),
  )

/** The form of a program that does not know the sizes at the start: they follow the data. */
function streamed(files: Record<string, string>): Buffer {
  const chunks: Uint8Array[] = []
  const made = new Zip((_, chunk) => void chunks.push(chunk))
  for (const [name, content] of Object.entries(files)) {
    const file = name.endsWith('.txt') ? new ZipPassThrough(name) : new ZipDeflate(name)
    file.mtime = mtime
    made.add(file)
    file.push(text(content), true)
  }
  made.end()
  return Buffer.concat(chunks)
}

/** Where the directory row of an entry begins. */
const rowOf = (bytes: Buffer, name: string) => readZip(bytes).entries.find((entry) => entry.name === name)!.directoryAt
const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = zip()
  change(bytes)
  return bytes
}

describe('repacking', () => {
  test('exchanges one entry, and leaves every byte of the others', () => {
    const before = zip()
    const after = repack(readZip(before), new Map([['1.txt', text('two and more')]]))
    expect(Object.entries(unzipSync(after)).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual(
      Object.entries({ ...unzipSync(before), '1.txt': text('two and more') }).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
    )
    for (const name of ['b.json', 'a/ü.xml']) {
      const piece = (bytes: Buffer) => {
        const { headerAt, dataAt, dataBytes } = readZip(bytes).entries.find((entry) => entry.name === name)!
        return bytes.subarray(headerAt, dataAt + dataBytes)
      }
      expect(piece(after)).toEqual(piece(before))
    }
    expect(readZip(after).entries.map(({ name }) => name)).toEqual(readZip(before).entries.map(({ name }) => name))
  })

  test('with nothing to exchange it is the same file', () => expect(repack(readZip(zip()), new Map())).toEqual(zip()))

  test('works where the sizes stand behind the data', () => {
    const before = streamed({ 'a.json': '{}', 'b.txt': 'text', 'c.json': '[1]' })
    expect(before.readUInt16LE(6) & 8).toBe(8)
    const after = repack(
      readZip(before),
      new Map([
        ['b.txt', text('other')],
        ['a.json', text('{"a":1}')],
      ]),
    )
    const found = readZip(after)
    expect(found.entries.map((entry) => unpack(found, entry).toString())).toEqual(['{"a":1}', 'other', '[1]'])
    expect(Object.values(unzipSync(after)).map((bytes) => Buffer.from(bytes).toString())).toEqual(['{"a":1}', 'other', '[1]'])
  })

  test('keeps a comment at the end', () => {
    const before = Buffer.concat([zip(), text('made by hand')])
    before.writeUInt16LE(12, before.length - 14)
    const after = repack(readZip(before), new Map([['b.json', text('{"b":"much longer than before"}')]]))
    expect(after.subarray(-12).toString()).toBe('made by hand')
    expect(readZip(after).entries).toHaveLength(3)
  })

  test.each([2, 65_000])('%i bytes behind its end do no harm, and stay', (behind) => {
    const rest = Buffer.alloc(behind, '\r\n')
    const before = Buffer.concat([zip(), rest])
    const found = readZip(before)
    expect(found.entries.map(({ name }) => name)).toEqual(['b.json', '1.txt', 'a/ü.xml'])
    const after = repack(found, new Map([['1.txt', text('two')]]))
    expect(after.subarray(-behind)).toEqual(rest)
    expect(readZip(after).entries.map((entry) => unpack(readZip(after), entry).toString())[1]).toBe('two')
  })

  test('of two ends, the one that ends where the file ends counts', () => {
    const end = zip().subarray(-22)
    const inComment = Buffer.concat([zip(), end])
    inComment.writeUInt16LE(22, inComment.length - 24)
    // Two bytes less than the length of the record: its end is wrong, and the comment looks like another record.
    inComment.writeUInt16LE(9, inComment.length - 2)
    expect(readZip(inComment).endAt).toBe(zip().length - 22)
  })

  test('a name with backslashes, as PowerShell writes it, is read with slashes and stays as it is', () => {
    const before = Buffer.from(zipSync({ 'Workflows\\a.json': [text('{}'), { mtime }] }))
    const found = readZip(before)
    expect(found.entries[0]!.name).toBe('Workflows/a.json')
    expect(Object.keys(unzipSync(repack(found, new Map([['Workflows/a.json', text('{"a":1}')]]))))).toEqual(['Workflows\\a.json'])
  })
})

describe('what is refused', () => {
  test.each<[string, () => Buffer, string]>([
    ['a file that ends early', () => zip().subarray(0, -30), 'its end is missing'],
    ['no end at all', () => Buffer.from('PK\x03\x04'), 'its end is missing'],
    ['an entry out of the folder', () => Buffer.from(zipSync({ 'a/../../evil.json': text('x') })), 'leads out of the folder'],
    ['the same with backslashes', () => Buffer.from(zipSync({ '..\\evil.json': text('x') })), 'leads out of the folder'],
    ['a path from the root', () => Buffer.from(zipSync({ '/etc/evil.json': text('x') })), 'leads out of the folder'],
    ['a path from a drive', () => Buffer.from(zipSync({ 'C:/evil.json': text('x') })), 'leads out of the folder'],
    ['an encrypted entry', () => changed((bytes) => bytes.writeUInt16LE(1, rowOf(bytes, 'b.json') + 8)), 'b.json in the zip is encrypted'],
    ['two entries of one name', () => Buffer.from(zipSync({ 'a.json': text('x'), 'A.json': text('y') })), 'is in it twice'],
    [
      'two rows for one piece of data',
      () => changed((bytes) => bytes.writeUInt32LE(0, rowOf(bytes, '1.txt') + 42)),
      '1.txt goes by two names',
    ],
    [
      'data that runs into the next entry',
      () => changed((bytes) => bytes.writeUInt32LE(60, rowOf(bytes, 'b.json') + 20)),
      'overlaps another file',
    ],
    [
      'an entry outside of the file',
      () => changed((bytes) => bytes.writeUInt32LE(0xfffffff0, rowOf(bytes, 'b.json') + 42)),
      'is not where it should be',
    ],
    [
      'a directory outside of the file',
      () => changed((bytes) => bytes.writeUInt32LE(0x7fffffff, bytes.length - 6)),
      'its directory is outside',
    ],
    ['one part of several', () => changed((bytes) => bytes.writeUInt16LE(1, bytes.length - 18)), 'one part of several'],
    [
      'more rows than there are',
      () =>
        changed((bytes) => {
          for (const place of [14, 12]) bytes.writeUInt16LE(9, bytes.length - place)
        }),
      'its directory ends early',
    ],
    ['the 64-bit kind', () => changed((bytes) => bytes.writeUInt32LE(0xffffffff, bytes.length - 6)), 'of the 64-bit kind'],
    [
      'too many entries',
      () => Buffer.from(zipSync(Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`x${index}`, text('')])))),
      'holds 10001 files',
    ],
  ])('%s', (_, make, message) => expect(() => readZip(make())).toThrow(message))

  const first = (bytes: Buffer) => {
    const found = readZip(bytes)
    return () => unpack(found, found.entries[0]!)
  }

  test('an entry that unpacks to more than it says is not unpacked further', () => {
    const bomb = Buffer.from(zipSync({ 'a.json': new Uint8Array(20_000_000) }))
    bomb.writeUInt32LE(1000, rowOf(bomb, 'a.json') + 24)
    expect(first(bomb)).toThrow('a.json is larger than it says, as in a zip bomb')
  })

  test('an entry that says it is huge is not unpacked at all', () => {
    const huge = Buffer.from(zipSync({ 'a.json': new Uint8Array(40_000_000) }))
    expect(first(huge)).toThrow('a.json has 40000000 bytes when unpacked')
  })

  test('an entry that is not what was packed', () => {
    expect(first(changed((bytes) => bytes.writeUInt32LE(1, rowOf(bytes, 'b.json') + 16)))).toThrow('b.json is not what was packed')
    expect(first(changed((bytes) => bytes.writeUInt32LE(99, rowOf(bytes, 'b.json') + 24)))).toThrow('b.json is not what was packed')
    expect(first(changed((bytes) => bytes.fill(0xff, 36, 38)))).toThrow('b.json cannot be unpacked')
  })

  test('an unsupported compression method', () =>
    expect(first(changed((bytes) => bytes.writeUInt16LE(14, rowOf(bytes, 'b.json') + 10)))).toThrow('packed in a way (14)'))
})

test('a zip is known by its first bytes', () => {
  expect(isZip(zip())).toBe(true)
  expect(isZip(text('{}'))).toBe(false)
})

test('a zip file with any broken bytes is read as its directory says or refused with a message', () => {
  const read = (bytes: Buffer) => {
    const found = readZip(bytes)
    return repack(found, new Map(found.entries.map((entry) => [entry.name, unpack(found, entry)])))
  }
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      (changes, cut) => {
        const bytes = zip()
        for (const [place, value] of changes) bytes[place % bytes.length] = value
        try {
          read(bytes.subarray(0, bytes.length - cut))
        } catch (error) {
          expect((error as Error).constructor).toBe(Error)
          expect((error as NodeJS.ErrnoException).code).toBeUndefined()
        }
      },
    ),
    { numRuns: 500 },
  )
})
