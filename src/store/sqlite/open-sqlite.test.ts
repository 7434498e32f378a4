import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { silentLogger } from '../../kit/logger.ts'
import { storeCommands } from '../command.ts'
import { StoreUnavailable } from '../errors/store-unavailable.ts'
import { openStore } from '../open-store.ts'
import { judgeFileSystem } from './check-file-system.ts'

const folders: string[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'dealbridge-embedded-'))

function newFolder(): string {
  const folder = emptyFolder()
  folders.push(folder)
  return folder
}

const NOBODY = { uid: 65_534, gid: 65_534 }

const open = (folder: string) => openStore({ place: { kind: 'embedded', folder }, logger: silentLogger })

/** Another process on the folder; `says` resolves with the first line that fits. */
function start(folder: string, writes = 0, user: Partial<typeof NOBODY> = {}) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'embedded-process.fixture.ts'), '--folder', folder, '--writes', String(writes)],
    {
      ...user,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  const lines: string[] = []
  let listener: (() => void) | undefined
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
    listener?.()
  })
  const exited = once(child, 'close')
  const says = async (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const line = lines.find((each) => pattern.test(each))
        if (line !== undefined) resolve(line)
      }
      listener = look
      look()
      void exited.then(() => reject(new Error(`It ended without ${pattern}: ${lines.join(' | ')}`)))
    })
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  return { child, lines, says, kill, exited }
}

test('kill -9 in the middle of 500 writes loses nothing that was confirmed', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const writer = start(folder, 500)
  await writer.says(/^200$/)
  await writer.kill()
  const confirmed = writer.lines.filter((line) => /^\d+$/.test(line)).map(Number)
  expect(confirmed.length).toBeLessThan(500)
  const store = await open(folder)
  const rows = await store.db.selectFrom('settings').select('name').where('name', 'like', 'write %').execute()
  const there = new Set(rows.map(({ name }) => name))
  expect(confirmed.filter((i) => !there.has(`write ${i}`))).toEqual([])
  // The one write in flight may have been made without being confirmed.
  expect(there.size - confirmed.length).toBeLessThanOrEqual(1)
  await store.close()
})

test(
  'a second process on the folder is refused, told who has it and what to do, and let in when the first was killed',
  { timeout: 60_000 },
  async () => {
    const folder = newFolder()
    const first = start(folder)
    await first.says(/^open$/)
    const refusal = open(folder)
    await expect(refusal).rejects.toThrow(`The database in ${folder} is in use by process ${first.child.pid} on `)
    await expect(refusal).rejects.toThrow(/Stop that process, .*--data.*DATABASE_URL/)
    const place = () => ({ kind: 'embedded', folder }) as const
    const backUp = storeCommands({ options: [], place, say: () => undefined }).find(({ name }) => name === 'store export')!
    const refused = backUp.run({}, new AbortController().signal, [join(folder, 'backup')])
    await expect(refused).rejects.toThrow(
      /is in use by process \d+.* Stop the server, run this again, and start the server; or copy .*dealbridge store backup/,
    )
    await first.kill()
    // What the killed one left behind names a process that is still there: us. Only the lock counts.
    writeFileSync(join(folder, 'holder.json'), JSON.stringify({ pid: process.pid, host: 'here', since: 'then' }))
    const store = await open(folder)
    await expect(store.ping()).resolves.toBeUndefined()
    await expect(open(folder)).rejects.toThrow(`in use by process ${process.pid}`)
    await store.close()
    await (await open(folder)).close()
  },
)

test('a lock file that this user can only read is no lock: the start fails', { timeout: 60_000 }, async () => {
  const folder = emptyFolder()
  folders.push(folder)
  writeFileSync(join(folder, 'lock.db'), '', { mode: 0o444 })
  // For root every file is one to write.
  const user = process.getuid?.() === 0 ? NOBODY : undefined
  if (user) chownSync(folder, user.uid, user.gid)
  const line = await start(folder, 0, user).says(/^(open|refused: )/)
  expect(line).toContain(
    `The database cannot be locked: its lock ${join(folder, 'lock.db')} cannot be taken (attempt to write a readonly database).`,
  )
})

test('of three processes that start at once on a new folder exactly one gets it', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const started = [start(folder), start(folder), start(folder)]
  const said = await Promise.all(started.map(({ says }) => says(/^(open|refused: )/)))
  expect(said.filter((line) => line === 'open')).toHaveLength(1)
  expect(said.filter((line) => line.includes('is in use by'))).toHaveLength(2)
})

const fileOf = (folder: string) => join(folder, 'dealbridge.db')
const silent = new AbortController().signal

async function runCommand(name: string, folder: string, ...args: string[]): Promise<string[]> {
  const said: string[] = []
  const place = () => ({ kind: 'embedded', folder }) as const
  const command = storeCommands({ options: [], place, say: (text) => void said.push(text) }).find((each) => each.name === name)!
  await command.run({}, silent, args)
  return said
}

test('a backup that is made while the server writes is whole, for its owner alone, and opens as a store', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const writer = start(folder, 2_000)
  await writer.says(/^300$/)
  const file = join(folder, 'backup.db')
  const said = await runCommand('store backup', folder, file)
  const confirmedBefore = 300
  expect(said[0]).toMatch(/kB written to .*\nTo restore it: stop the server, move .*dealbridge\.db.*\n.*same key ring/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await expect(runCommand('store backup', folder, file)).rejects.toThrow(`${file} exists already, and a backup overwrites nothing.`)
  expect(writer.child.exitCode).toBeNull()
  const restored = newFolder()
  cpSync(file, fileOf(restored))
  const store = await open(restored)
  const rows = await store.db.selectFrom('settings').select('name').where('name', 'like', 'write %').execute()
  const there = new Set(rows.map(({ name }) => name))
  // As of one moment: all up to some number, and none after it.
  expect(there.size).toBeGreaterThanOrEqual(confirmedBefore)
  expect(Array.from({ length: there.size }, (_, i) => `write ${i + 1}`).filter((name) => !there.has(name))).toEqual([])
  await store.close()
  await writer.kill()
})

test('a backup needs a store, and a disk that takes it; what fails leaves no file', async () => {
  const nowhere = join(newFolder(), 'nowhere')
  await expect(runCommand('store backup', nowhere, join(tmpdir(), 'never'))).rejects.toThrow(`There is no embedded store in ${nowhere}`)
  const folder = newFolder()
  await (await open(folder)).close()
  await expect(runCommand('store backup', folder, join(folder, 'no-folder', 'file'))).rejects.toThrow('ENOENT')
  truncateSync(fileOf(folder), 20_000)
  const file = join(folder, 'backup.db')
  await expect(runCommand('store backup', folder, file)).rejects.toThrow(/damaged|malformed|cannot be copied/)
  expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual([])
})

test('a damaged database, and a file that is none, are refused with the path and the way out, and left as they are', async () => {
  const damage = {
    none: (file: string) => writeFileSync(file, 'Dear diary, '.repeat(500)),
    torn: (file: string) => truncateSync(file, 20_000),
    overwritten: (file: string) => {
      const bytes = readFileSync(file)
      bytes.fill(0x55, 4_096 * 2, 4_096 * 12)
      writeFileSync(file, bytes)
    },
  }
  for (const [how, spoil] of Object.entries(damage)) {
    const folder = newFolder()
    await (await open(folder)).close()
    spoil(fileOf(folder))
    const before = readFileSync(fileOf(folder))
    await expect(open(folder), how).rejects.toThrow(`The database ${fileOf(folder)} is damaged`)
    await expect(open(folder), how).rejects.toThrow('copy the newest backup (dealbridge store backup) to its path')
    expect(readFileSync(fileOf(folder)).equals(before), how).toBe(true)
  }
})

test('a database of another program, and a folder of version 0.1, are refused and left as they are', async () => {
  const folder = newFolder()
  const foreign = new DatabaseSync(fileOf(folder))
  foreign.exec('create table notes (text text)')
  foreign.close()
  const before = readFileSync(fileOf(folder))
  await expect(open(folder)).rejects.toThrow(/dealbridge\.db is a database of another program\. Choose another folder with --data/)
  expect(readFileSync(fileOf(folder)).equals(before)).toBe(true)

  const old = newFolder()
  mkdirSync(join(old, 'data'))
  writeFileSync(join(old, 'data', 'PG_VERSION'), '18\n')
  await expect(open(old)).rejects.toThrow(`The database in ${old} is from Dealbridge 0.1`)
  await expect(open(old)).rejects.toThrow('Choose another folder with --data, or move this one away')
  expect(readdirSync(old)).toEqual(['data'])
})

test('a newer database is refused with the way out', async () => {
  const folder = newFolder()
  const store = await open(folder)
  await store.db.executeQuery(CompiledQuery.raw("insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030')"))
  await store.close()
  await expect(open(folder)).rejects.toThrow(/newer than this program: it has 9999-of-tomorrow.*Run the version that created it/)
})

test('a first start that died half-way is made good by the next one', async () => {
  const folder = newFolder()
  writeFileSync(fileOf(folder), '')
  const store = await open(folder)
  await expect(store.ping()).resolves.toBeUndefined()
  await store.close()
})

test('a database that takes no more is not ready, keeps what it has, and goes on when there is room again', async () => {
  const folder = newFolder()
  const store = await open(folder)
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db)
  // As a full disk says it, through SQLite's own limit.
  await sql.raw(`pragma max_page_count = ${rows[0]!.page_count}`).execute(store.db)
  const large = { name: 'large', value: 'v'.repeat(100_000) }
  const refused = store.db.insertInto('settings').values(large).execute()
  await expect(refused).rejects.toBeInstanceOf(StoreUnavailable)
  await expect(refused).rejects.toMatchObject({ cause: { message: 'database or disk is full (SQLITE_FULL)' } })
  const inside = store.transaction((trx) => trx.insertInto('settings').values(large).execute())
  await expect(inside).rejects.toBeInstanceOf(StoreUnavailable)
  expect(await store.db.selectFrom('owners').select('id').execute()).toEqual([{ id: 'admin' }])
  await sql.raw('pragma max_page_count = 1000000').execute(store.db)
  await store.transaction((trx) => trx.insertInto('settings').values(large).execute())
  await sql.raw('pragma query_only = on').execute(store.db)
  await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable)
  await sql.raw('pragma query_only = off').execute(store.db)
  await expect(store.ping()).resolves.toBeUndefined()
  await store.close()
})

test('a folder that this user may not write is refused with the way out', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  await (await open(folder)).close()
  chmodSync(fileOf(folder), 0o444)
  const user = process.getuid?.() === 0 ? NOBODY : undefined
  if (user) for (const path of [folder, join(folder, 'lock.db')]) chownSync(path, user.uid, user.gid)
  const line = await start(folder, 0, user).says(/^(open|refused: )/)
  expect(line).toContain(`The database ${fileOf(folder)} cannot be used: attempt to write a readonly database (SQLITE_READONLY).`)
  expect(line).toContain('this user must own the folder and everything in it')
})

test('it is set to lose nothing: a log that is synced with each commit, and references that are kept', async () => {
  const store = await open(newFolder())
  const setting = async (name: string) =>
    Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(store.db)).rows[0]!)
  expect(await setting('journal_mode')).toEqual(['wal'])
  // 2 is full; also after a statement that was confirmed lazily.
  const claim = { table: 'sources', me: 'me', limit: 1, except: [] } as const
  await store.engine.leases.claimDue(claim, new Date())
  expect(await setting('synchronous')).toEqual([2])
  expect(await setting('foreign_keys')).toEqual([1])
  await store.close()
})

test('network file systems are refused, and unknown file systems get a warning', () => {
  expect(judgeFileSystem(0x6969)).toEqual({ is: 'refused', name: 'NFS' })
  expect(judgeFileSystem(0xff534d42)).toMatchObject({ is: 'refused' })
  expect(judgeFileSystem(0x65735546)).toEqual({ is: 'doubtful', name: 'FUSE' })
  expect(judgeFileSystem(statfsSync(tmpdir()).type)).toBeUndefined()
})
