import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs, { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { storeCommands } from './command.ts'
import { readable } from './embedded.ts'
import { openStore } from './open-store.ts'
import { vacuum } from './vacuum.ts'

const folders: string[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'dealbridge-embedded-'))
const first = emptyFolder()
beforeAll(async () => {
  await (await open(first)).close()
})
afterAll(() => rmSync(first, { recursive: true }))

/** With the database of a first start, which takes seconds, unless it is to be `empty`. */
function newFolder({ empty = false } = {}): string {
  const folder = emptyFolder()
  folders.push(folder)
  if (!empty) cpSync(join(first, 'data'), join(folder, 'data'), { recursive: true })
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

test('kill -9 in the middle of 500 writes loses nothing that was confirmed', async () => {
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

test('a second process on the folder is refused, told who has it and what to do, and let in when the first was killed', async () => {
  const folder = newFolder()
  const first = start(folder)
  await first.says(/^open$/)
  const refusal = open(folder)
  await expect(refusal).rejects.toThrow(`The database in ${folder} is in use by process ${first.child.pid} on `)
  await expect(refusal).rejects.toThrow(/Stop that process, .*--data.*DATABASE_URL/)
  const place = () => ({ kind: 'embedded', folder }) as const
  const backUp = storeCommands({ options: [], place, say: () => undefined }).find(({ name }) => name === 'store export')!
  const refused = backUp.run({}, new AbortController().signal, [join(folder, 'backup')])
  await expect(refused).rejects.toThrow(/is in use by process \d+.* Stop the server, run this again, and start the server\./)
  await first.kill()
  // What the killed one left behind names a process that is still there: us. Only the lock counts.
  writeFileSync(join(folder, 'holder.json'), JSON.stringify({ pid: process.pid, host: 'here', since: 'then' }))
  const store = await open(folder)
  await expect(store.ping()).resolves.toBeUndefined()
  await expect(open(folder)).rejects.toThrow(`in use by process ${process.pid}`)
  await store.close()
  await (await open(folder)).close()
})

test('a lock file that this user can only read is no lock: nobody starts on it', async () => {
  const folder = emptyFolder()
  folders.push(folder)
  writeFileSync(join(folder, 'lock'), '', { mode: 0o444 })
  // For root every file is one to write.
  const user = process.getuid?.() === 0 ? NOBODY : undefined
  if (user) chownSync(folder, user.uid, user.gid)
  const line = await start(folder, 0, user).says(/^(open|refused: )/)
  expect(line).toContain(
    `The lock of the embedded database, ${join(folder, 'lock')}, cannot be taken: attempt to write a readonly database.`,
  )
})

test('what PGlite throws for a full disk is told in words', () => {
  const message = 'The embedded database in /data cannot be opened: ENOSPC: no space left on the disk.'
  expect(readable({ name: 'ErrnoError', errno: 51 }, '/data').message).toBe(message)
  expect(readable({ name: 'ErrnoError', errno: 7 }, '/data').message).toContain('error 7 of its file system')
})

test('of three processes that start at once on a new folder exactly one gets it', async () => {
  const folder = newFolder({ empty: true })
  const started = [start(folder), start(folder), start(folder)]
  const said = await Promise.all(started.map(({ says }) => says(/^(open|refused: )/)))
  expect(said.filter((line) => line === 'open')).toHaveLength(1)
  expect(said.filter((line) => line.includes('is in use by'))).toHaveLength(2)
})

test('a commit brings its WAL to the disk before it is confirmed', async () => {
  const store = await open(newFolder())
  const sync = vi.spyOn(fs, 'fdatasyncSync')
  try {
    for (let i = 1; i <= 5; i++) {
      await store.db
        .insertInto('settings')
        .values({ name: `${i}`, value: 'v' })
        .execute()
      expect(sync.mock.calls.length).toBeGreaterThanOrEqual(i)
    }
    sync.mockClear()
    await store.db.selectFrom('settings').selectAll().execute()
    expect(sync).not.toHaveBeenCalled()
    // A commit that the disk did not take is no commit.
    sync.mockImplementation(() => {
      throw new Error('EIO')
    })
    await expect(store.db.insertInto('settings').values({ name: 'lost', value: 'v' }).execute()).rejects.toThrow()
  } finally {
    sync.mockRestore()
  }
  await store.close()
})

test('its settings are small, and vacuum goes over every table', async () => {
  const store = await open(newFolder())
  const { rows } = await sql<
    Record<string, string>
  >`select current_setting('shared_buffers') as shared_buffers, current_setting('fsync') as fsync,
    current_setting('wal_buffers') as wal_buffers, current_setting('max_wal_size') as max_wal_size, current_setting('full_page_writes') as full_page_writes`.execute(
    store.db,
  )
  expect(rows[0]).toEqual({ shared_buffers: '8MB', fsync: 'on', wal_buffers: '1MB', max_wal_size: '64MB', full_page_writes: 'on' })
  for (let i = 0; i < 50; i++)
    await store.db
      .updateTable('owners')
      .set({ name: `name ${i}` })
      .execute()
  const size = () =>
    sql<{ dead: number }>`select pg_relation_size('owners') as dead`.execute(store.db).then((result) => result.rows[0]!.dead)
  await vacuum(store.db)
  const before = await size()
  for (let i = 0; i < 50; i++)
    await store.db
      .updateTable('owners')
      .set({ name: `again ${i}` })
      .execute()
  expect(await size()).toBe(before)
  await store.close()
})

test('a first start that died half-way is made good by the next one', async () => {
  const folder = newFolder({ empty: true })
  mkdirSync(join(folder, 'data.new'))
  writeFileSync(join(folder, 'data.new', 'PG_VERSION'), '18\n')
  const store = await open(folder)
  await expect(store.ping()).resolves.toBeUndefined()
  await store.close()
  expect(existsSync(join(folder, 'data.new'))).toBe(false)
})

test('files of another major version of PostgreSQL are refused with the way out', async () => {
  const folder = newFolder({ empty: true })
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '17\n')
  await expect(open(folder)).rejects.toThrow(/is of PostgreSQL 17; this version of Dealbridge opens 18.*dealbridge store export/)
})
