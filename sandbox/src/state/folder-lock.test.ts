import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dealbridge-lock-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a folder is locked once, until it is let go of', () => {
  const dir = folder()
  const unlock = lockFolder(dir)
  expect(() => lockFolder(dir)).toThrow(`is in use by another sandbox (process ${process.pid})`)
  unlock()
  expect(existsSync(join(dir, 'lock'))).toBe(false)
  lockFolder(dir)()
})

test('the lock of a running process is respected, that of a dead one is replaced', async () => {
  const dir = folder()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void other.kill('SIGKILL'))
  await once(other, 'spawn')
  writeFileSync(join(dir, 'lock'), String(other.pid))
  expect(() => lockFolder(dir)).toThrow(`process ${other.pid}`)
  const removed = once(other, 'exit')
  other.kill('SIGKILL')
  await removed
  lockFolder(dir)()
})

test('the lock of a reused pid, also after a restart in a container, is replaced', () => {
  const reused = folder()
  writeFileSync(join(reused, 'lock'), `${process.ppid} 1`)
  if (process.platform === 'linux') lockFolder(reused)()
  const dir = folder()
  writeFileSync(join(dir, 'lock'), `${process.pid}`)
  lockFolder(dir)()
})
