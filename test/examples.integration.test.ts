import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { FROM_SOURCES, root } from './program.ts'

const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'))

test.each(examples)('examples/%s runs, and what it asserts holds', async (name) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...FROM_SOURCES, join(root, 'examples', name)])
  expect(stdout).not.toBe('')
  expect(stderr).toBe('')
})
