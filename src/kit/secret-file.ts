import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, statSync, type BigIntStats } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Twelve hex digits after the file's name. */
const DRAFT_ID_BYTES = 6

/** A SecretFile is the content of a file that only its owner can read. `stamp` changes whenever the file is replaced. */
export interface SecretFile {
  text: string
  stamp: string
}

/** Reads a file; throws if other users can read it, because its content may be known already. `danger` says what they could do. Undefined if there is no file. */
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
    // Windows has no such mode bits: there every file appears readable by all.
    if (process.platform !== 'win32' && (stats.mode & 0o077n) !== 0n) {
      throw new Error(`${file} can be read by others than its owner: a user who has read it can ${danger}. Run: chmod 600 ${file}`)
    }
    return { text: readFileSync(handle, 'utf8'), stamp: stampOf(stats) }
  } finally {
    closeSync(handle)
  }
}

/** The stamp of the current file, in some microseconds; undefined if there is none. */
export function secretFileStamp(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats && stampOf(stats)
}

/** Creates the file atomically. The first process wins: two that start at once get the same text. */
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
 * Replaces the file atomically: a concurrent reader gets the old text or the new one. After it resolves, the new text survives a power failure.
 * Not to be called concurrently: an existing draft counts as one of a process that was killed.
 */
export async function replaceSecretFile(file: string, text: string): Promise<void> {
  await removeDrafts(file)
  const draft = await writeDraft(file, text)
  try {
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(file)
}

async function writeDraft(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(DRAFT_ID_BYTES).toString('hex')}`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    // On a full disk it may hold part of the secret. Its random name is of no other process.
    await rm(draft, { force: true })
    throw error
  }
  return draft
}

/** Otherwise secrets would remain in drafts permanently, also those removed from the file. */
async function removeDrafts(file: string): Promise<void> {
  const start = `${basename(file)}.`
  const isDraft = (name: string) => name.startsWith(start) && /^[\da-f]{12}$/.test(name.slice(start.length))
  const names = await readdir(dirname(file)).catch(() => [])
  for (const name of names.filter(isDraft)) await rm(join(dirname(file), name), { force: true })
}

async function syncFolder(file: string): Promise<void> {
  // Windows cannot open folders.
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
