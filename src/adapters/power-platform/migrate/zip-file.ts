import { crc32, inflateRawSync } from 'node:zlib'
import { deflateSync } from 'fflate'

/** A package of a whole department has some hundred files. */
const MOST_ENTRIES = 10_000
/** The largest flow that Power Automate saves has 2 MB; a larger file is not read as a text. */
export const MOST_ENTRY_BYTES = 32 * 1024 * 1024

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
const LONGEST_COMMENT = 0xffff
const ENCRYPTED = 0x0001
const SIZES_AFTER_DATA = 0x0008
const UTF8_NAME = 0x0800
const STORED = 0
const DEFLATED = 8

/** A ZipEntry is one file of a zip, and its position. */
export interface ZipEntry {
  /** With `/` between folders, even if the zip uses another separator. */
  name: string
  /** Bytes when unpacked, according to the directory of the zip. */
  size: number
  method: number
  crc: number
  headerAt: number
  dataAt: number
  dataBytes: number
  directoryAt: number
}

/** A ZipFile is a zip whose directory was read and checked; no entry is unpacked yet. */
export interface ZipFile {
  bytes: Buffer
  entries: readonly ZipEntry[]
  directoryAt: number
  endAt: number
}

const broken = (what: string): Error => new Error(`The zip is broken: ${what}. Export it again.`)

export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)

/** Reads the directory. Rejects every irregularity: the file is broken, or made to harm the program that unpacks it. */
export function readZip(given: Uint8Array): ZipFile {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const endAt = findEnd(bytes)
  const count = bytes.readUInt16LE(endAt + 10)
  const directoryBytes = bytes.readUInt32LE(endAt + 12)
  const directoryAt = bytes.readUInt32LE(endAt + 16)
  if (bytes.readUInt16LE(endAt + 4) !== 0 || bytes.readUInt16LE(endAt + 8) !== count) throw broken('it is one part of several')
  if (count === 0xffff || directoryAt === 0xffffffff)
    throw new Error('The zip is of the 64-bit kind, which is for archives of 4 GB. Pack it again.')
  if (count > MOST_ENTRIES)
    throw new Error(`The zip holds ${count} files; ${MOST_ENTRIES} are the most that are looked at. Export the flows one by one.`)
  if (directoryAt + directoryBytes > endAt) throw broken('its directory is outside of the file')

  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let at = directoryAt
  for (let index = 0; index < count; index++) {
    const entry = readEntry(bytes, at, directoryAt)
    if (names.has(entry.name.toLowerCase())) throw broken(`${entry.name} is in it twice`)
    names.add(entry.name.toLowerCase())
    entries.push(entry)
    at += directoryEntryBytes(bytes, at)
  }
  let free = 0
  for (const { name, headerAt, dataAt, dataBytes } of entries.toSorted((a, b) => a.headerAt - b.headerAt)) {
    if (headerAt < free) throw broken(`${name} overlaps another file, as in a zip bomb`)
    free = dataAt + dataBytes
  }
  return { bytes, entries, directoryAt, endAt }
}

/** The record at the end of a zip; a mail program or a download may have appended bytes. */
function findEnd(bytes: Buffer): number {
  const earliest = Math.max(0, bytes.length - END_BYTES - LONGEST_COMMENT)
  let behind: number | undefined
  for (let at = bytes.length - END_BYTES; at >= earliest; at--) {
    if (bytes.readUInt32LE(at) !== END) continue
    const end = at + END_BYTES + bytes.readUInt16LE(at + 20)
    // A record that ends where the file ends is the right one, even if its comment looks like another.
    if (end === bytes.length) return at
    if (end < bytes.length) behind ??= at
  }
  if (behind === undefined) throw broken('its end is missing')
  return behind
}

const directoryEntryBytes = (bytes: Buffer, at: number): number =>
  CENTRAL_BYTES + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)

function readEntry(bytes: Buffer, at: number, directoryAt: number): ZipEntry {
  if (at + CENTRAL_BYTES > bytes.length - END_BYTES || bytes.readUInt32LE(at) !== CENTRAL) throw broken('its directory ends early')
  const flags = bytes.readUInt16LE(at + 8)
  const nameBytes = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28))
  const name = nameBytes.toString(flags & UTF8_NAME ? 'utf8' : 'latin1').replaceAll('\\', '/')
  if (flags & ENCRYPTED) throw new Error(`${name} in the zip is encrypted. Unpack it with its password and pack it without one.`)
  if (/^\/|^[a-z]:|(?:^|\/)\.\.(?:\/|$)|\0/i.test(name))
    throw new Error(
      `The zip holds the path ${JSON.stringify(name)}, which leads out of the folder it is unpacked to. No export holds such a one: export it again.`,
    )
  const headerAt = bytes.readUInt32LE(at + 42)
  const dataBytes = bytes.readUInt32LE(at + 20)
  const size = bytes.readUInt32LE(at + 24)
  if (headerAt + LOCAL_BYTES > directoryAt || bytes.readUInt32LE(headerAt) !== LOCAL) throw broken(`${name} is not where it should be`)
  const localName = bytes.subarray(headerAt + LOCAL_BYTES, headerAt + LOCAL_BYTES + bytes.readUInt16LE(headerAt + 26))
  if (!localName.equals(nameBytes)) throw broken(`${name} goes by two names`)
  const dataAt = headerAt + LOCAL_BYTES + localName.length + bytes.readUInt16LE(headerAt + 28)
  if (dataAt + dataBytes > directoryAt) throw broken(`${name} ends early`)
  return { name, size, method: bytes.readUInt16LE(at + 10), crc: bytes.readUInt32LE(at + 16), headerAt, dataAt, dataBytes, directoryAt: at }
}

/** Unpacks one entry; never more bytes than its directory entry says. */
export function unpack({ bytes }: ZipFile, { name, size, method, crc, dataAt, dataBytes }: ZipEntry): Buffer {
  if (size > MOST_ENTRY_BYTES)
    throw new Error(`${name} has ${size} bytes when unpacked; ${MOST_ENTRY_BYTES} are the most that are read. Export it again.`)
  const data = bytes.subarray(dataAt, dataAt + dataBytes)
  if (method !== STORED && method !== DEFLATED)
    throw new Error(`${name} is packed in a way (${method}) that Power Automate does not use. Pack it again.`)
  let unpacked: Buffer
  try {
    unpacked = method === STORED ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, size) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw broken(`${name} cannot be unpacked`)
    throw broken(`${name} is larger than it says, as in a zip bomb`)
  }
  if (unpacked.length !== size || crc32(unpacked) !== crc) throw broken(`${name} is not what was packed`)
  return unpacked
}

/** The same zip with some entries replaced: order, times and every byte of the others stay. */
export function repack({ bytes, entries, directoryAt, endAt }: ZipFile, contents: ReadonlyMap<string, Uint8Array>): Buffer {
  const directory = Buffer.from(bytes.subarray(directoryAt))
  const inOrder = entries.toSorted((a, b) => a.headerAt - b.headerAt)
  const pieces: Uint8Array[] = [bytes.subarray(0, inOrder[0]?.headerAt ?? directoryAt)]
  let written = pieces[0]!.length
  for (const [index, entry] of inOrder.entries()) {
    const row = entry.directoryAt - directoryAt
    directory.writeUInt32LE(written, row + 42)
    const content = contents.get(entry.name)
    let piece: Uint8Array
    if (content === undefined) piece = bytes.subarray(entry.headerAt, inOrder[index + 1]?.headerAt ?? directoryAt)
    else {
      // Not compressed by zlib: its output differs between machines.
      const data = deflateSync(content)
      const header = Buffer.from(bytes.subarray(entry.headerAt, entry.dataAt))
      const sizes = { method: DEFLATED, crc: crc32(content), packed: data.length, size: content.length }
      writeSizes(header, 6, sizes)
      writeSizes(directory, row + 8, sizes)
      piece = Buffer.concat([header, data])
    }
    pieces.push(piece)
    written += piece.length
  }
  directory.writeUInt32LE(written, endAt - directoryAt + 16)
  return Buffer.concat([...pieces, directory])
}

/** From the flags on, both kinds of headers have the same layout. */
function writeSizes(
  header: Buffer,
  flagsAt: number,
  { method, crc, packed, size }: Record<'method' | 'crc' | 'packed' | 'size', number>,
): void {
  header.writeUInt16LE(header.readUInt16LE(flagsAt) & ~SIZES_AFTER_DATA, flagsAt)
  header.writeUInt16LE(method, flagsAt + 2)
  header.writeUInt32LE(crc, flagsAt + 8)
  header.writeUInt32LE(packed, flagsAt + 12)
  header.writeUInt32LE(size, flagsAt + 16)
}
