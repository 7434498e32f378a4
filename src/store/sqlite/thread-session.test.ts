import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from './open-file.ts'
import { threadSession } from './thread-session.ts'

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-thread-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'own.db')
  openFile(file).close()
  return file
}

test('statements are answered in their order, and a refused one stops no other', async () => {
  const session = threadSession(newFile())
  const execute = (text: string, ...values: bigint[]) => session.execute({ text, values })
  await execute('create table t (n integer primary key)')
  const all = await Promise.allSettled([
    execute('insert into t values (?) returning n', 1n),
    execute('insert into t values (?)', 1n),
    execute('select n from t'),
  ])
  expect(all).toMatchObject([
    { status: 'fulfilled', value: { rows: [{ n: 1 }], affected: 1n } },
    { status: 'rejected', reason: { code: '23505' } },
    { status: 'fulfilled', value: { rows: [{ n: 1 }] } },
  ])
  await session.close()
})

test('a script is carried out as a whole or not at all, and the next one is not affected', async () => {
  const session = threadSession(newFile())
  await session.execute({ text: 'create table t (n integer primary key)', values: [] })
  const insert = (n: bigint) => ({ text: 'insert into t values (?) returning n', values: [n] })
  const run = (...statements: ReturnType<typeof insert>[]) => session.run({ statements, isLazy: false })
  await expect(run(insert(1n), insert(1n))).rejects.toMatchObject({ code: '23505' })
  expect((await run(insert(1n), insert(2n))).map(({ rows }) => rows)).toEqual([[{ n: 1 }], [{ n: 2 }]])
  await session.close()
})

test('a thread that ends takes the database with it: what waits and what comes is refused as by a disk that fails', async () => {
  const session = threadSession(newFile())
  await session.close()
  await expect(session.execute({ text: 'select 1', values: [] })).rejects.toMatchObject({ code: 'SQLITE_IOERR' })
  const broken = threadSession(join(tmpdir(), 'no-such-folder', 'own.db'))
  await expect(broken.execute({ text: 'select 1', values: [] })).rejects.toMatchObject({
    code: 'SQLITE_IOERR',
    message: expect.stringContaining('has ended'),
  })
})

test('while a statement waits for the disk, this thread goes on', async () => {
  const file = newFile()
  const session = threadSession(file)
  const other = openFile(file)
  other.exec('begin immediate')
  let turns = 0
  const writing = session.execute({ text: 'create table t (n integer)', values: [] })
  for (; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve))
  other.exec('rollback')
  other.close()
  await writing
  expect(turns).toBe(50)
  await session.close()
})
