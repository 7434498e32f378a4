import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

const USE = { what: 'The garden', whatToDo: 'Choose another one.' }

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dealbridge-lock-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Another process that has the folder, until it is killed. */
async function holder(folder: string) {
  const source = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))}
    lockFolder(${JSON.stringify(folder)}, ${JSON.stringify(USE)})
    console.log('locked')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    pid: child.pid,
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

test('a folder is locked once, until it is given back', () => {
  const folder = newFolder()
  const unlock = lockFolder(folder, USE)
  expect(() => lockFolder(folder, USE)).toThrow(`The garden in ${folder} is in use by process ${process.pid} on `)
  expect(() => lockFolder(folder, USE)).toThrow('Choose another one.')
  unlock()
  unlock()
  lockFolder(folder, USE)()
})

test('the lock of a live process is respected; that of a killed process is free, with any process number in its file', async () => {
  const folder = newFolder()
  const other = await holder(folder)
  expect(() => lockFolder(folder, USE)).toThrow(`in use by process ${other.pid} on `)
  await other.kill()
  // A number that another process has by now.
  writeFileSync(join(folder, 'holder.json'), JSON.stringify({ pid: process.pid, host: 'here', since: 'then' }))
  lockFolder(folder, USE)()
})
