import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'dealbridge-run-'))
symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
afterAll(() => rmSync(dir, { recursive: true }))

const file = (name: string, source: string) => writeFileSync(join(dir, name), source)
file(
  'vitest.config.mts',
  `import { endOfRun } from '${join(root, 'test/end-of-run.ts')}'
   export default { test: { reporters: [endOfRun] } }`,
)
file(
  'some.test.ts',
  `import { test } from 'vitest'
   import { needs } from '${join(root, 'test/needs.ts')}'
   test('works', () => {})
   needs('the browser', false, 'no Chromium on this machine', () => { throw new Error('not even read') })
   needs('the shell', true, 'no shell', () => { test('is there', () => {}) })`,
)

const run = (CI: string, ...files: string[]) => {
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...files], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, CI },
  })
  return { lines: stdout.trim().split('\n'), status }
}

test('a skipped suite is named at the end with its reason, and the last line has only the counts', () => {
  const { lines, status } = run('')
  expect(lines.slice(-2)).toEqual(['skipped suite: some.test.ts > the browser: no Chromium on this machine', '2 passed, 0 failed'])
  expect(status).toBe(0)
})

test('with CI=true the same run fails', () => {
  const { lines, status } = run('true')
  expect(lines.at(-1)).toBe('2 passed, 0 failed')
  expect(status).toBe(1)
})

test('a run of selected files says how many they are', () => {
  file('other.test.ts', `import { test } from 'vitest'\ntest('works', () => {})`)
  expect(run('', 'other').lines.slice(-2)).toEqual(['part of the tests: 1 of 2 files', '1 passed, 0 failed'])
})
