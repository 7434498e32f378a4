import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, statSync, type BigIntStats } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Twelve hex digits behind the file's name. */
const DRAFT_ID_BYTES = 6

/** A SecretFile is the content of a file that only its owner can read. `stamp` changes whenever the file is replaced. */
export interface SecretFile {
  text: string
  stamp: string
}

/** Reads a file, unless others could too: then what it protects is lost already. `danger` says what they can do. Undefined when there is none. */
export function readSecretFile(file: string, danger: string): SecretFile | undefined {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const stats = fstatSync(handle, { bigint: true })
    // Windows has no such mode bits: there every file looks readable by all.
    if (process.platform !== 'win32' && (stats.mode & 0o077n) !== 0n) {
      throw new Error(`${file} can be read by others than its owner: whoever has read it can ${danger}. Run: chmod 600 ${file}`)
    }
    return { text: readFileSync(handle, 'utf8'), stamp: stampOf(stats) }
  } finally {
    closeSync(handle)
  }
}

/** The stamp of what lies there now, in some microseconds; undefined when nothing does. */
export function secretFileStamp(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats && stampOf(stats)
}

/** The file appears complete or not at all, and the first process wins: two that start at once end up with the same text. */
export async function makeSecretFile(file: string, text: string): Promise<void> {
  const draft = await writeDraft(file, text)
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  await syncFolder(file)
}

/**
 * Whoever reads meanwhile gets the old text or the new one, whole; once this is done the new one survives a power failure. Not to be
 * called twice at once: a draft that lies there is taken for one of a process that was killed.
 */
export async function replaceSecretFile(file: string, text: string): Promise<void> {
  await removeDrafts(file)
  await rename(await writeDraft(file, text), file)
  await syncFolder(file)
}

async function writeDraft(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(DRAFT_ID_BYTES).toString('hex')}`
  await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
  return draft
}

/** Else the secrets in them would lie there for ever, also those that have been taken out of the file. */
async function removeDrafts(file: string): Promise<void> {
  const start = `${basename(file)}.`
  const isDraft = (name: string) => name.startsWith(start) && /^[\da-f]{12}$/.test(name.slice(start.length))
  const names = await readdir(dirname(file)).catch(() => [])
  for (const name of names.filter(isDraft)) await rm(join(dirname(file), name), { force: true })
}

async function syncFolder(file: string): Promise<void> {
  // There folders cannot be opened.
  if (process.platform === 'win32') return
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const stampOf = ({ ino, mtimeNs, size }: BigIntStats): string => `${ino} ${mtimeNs} ${size}`

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'
