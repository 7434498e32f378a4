import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { switches } from './behaviour.ts'
import { KINDS } from './faults.ts'

/** Tests that go through all switches name none. */
const GENERAL = ['behaviour.test.ts', 'named.test.ts']
const tests = globSync('**/*.test.ts', { cwd: import.meta.dirname })
  .filter((path) => !GENERAL.includes(path))
  .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'))
  .join('\n')

const standing = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))

test.each(Object.entries(switches))('some test puts the switch %s to another position', (name, { alternatives }) => {
  const lines = tests.split('\n').filter((line) => new RegExp(`\\b${name}\\b`).test(line))
  expect(lines.some((line) => alternatives.some((value) => line.includes(standing(value))))).toBe(true)
})

test.each(KINDS)('some test makes the fault %s', (kind) => {
  expect(tests).toContain(`kind: '${kind}'`)
})
