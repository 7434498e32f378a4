import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceSecretFile } from './secret-file.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'dealbridge-secret-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** No file may grow beyond one block of the shell, as on a full disk: a part of the secret is written. */
function onFullDisk(call: string): { status: number | null; stderr: string } {
  const program = `import { makeSecretFile, replaceSecretFile } from ${JSON.stringify(join(import.meta.dirname, 'secret-file.ts'))}
    await ${call}(${JSON.stringify(join(folder, 'keys'))}, 'secret'.repeat(10_000))`
  const args = ['-c', 'ulimit -f 1 && exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', program]
  return spawnSync('sh', args, { encoding: 'utf8' })
}

test.each(['makeSecretFile', 'replaceSecretFile'])('%s leaves no draft behind on a full disk, and the old file as it was', (call) => {
  const old = call === 'replaceSecretFile'
  if (old) writeFileSync(join(folder, 'keys'), 'old')
  const { status, stderr } = onFullDisk(call)
  expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')])
  expect(readdirSync(folder)).toEqual(old ? ['keys'] : [])
  if (old) expect(readFileSync(join(folder, 'keys'), 'utf8')).toBe('old')
})

test('a file that cannot be replaced leaves no draft behind', async () => {
  // A folder in its place.
  mkdirSync(join(folder, 'keys', 'inner'), { recursive: true })
  await expect(replaceSecretFile(join(folder, 'keys'), 'secret')).rejects.toThrow()
  expect(readdirSync(folder)).toEqual(['keys'])
  expect(existsSync(join(folder, 'keys', 'inner'))).toBe(true)
})
