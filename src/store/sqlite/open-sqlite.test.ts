import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { silentLogger } from '../../kit/logger.ts'
import { storeCommands } from '../command.ts'
import { openStore } from '../open-store.ts'

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
    await expect(refused).rejects.toThrow(/is in use by process \d+.* Stop the server, run this again, and start the server\./)
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

test('a lock file that this user can only read is no lock: nobody starts on it', { timeout: 60_000 }, async () => {
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
