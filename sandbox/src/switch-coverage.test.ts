import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { switches } from './behaviour.ts'
import { KINDS } from './fault-rules.ts'

/** These files use all switches without naming any. */
const GENERAL = ['behaviour.test.ts', 'switch-coverage.test.ts']
/** The source of each test of the sandbox. */
const tests = globSync('**/*.test.ts', { cwd: import.meta.dirname })
  .filter((path) => !GENERAL.includes(path))
  .flatMap((path) => readFileSync(join(import.meta.dirname, path), 'utf8').split(/^ *(?=test\b)/m))

const written = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))

test.each(Object.entries(switches))('a test names the switch %s and another position of it', (name, { alternatives }) => {
  const named = tests.filter((source) => new RegExp(`\\b${name}\\b`).test(source))
  expect(named.some((source) => alternatives.some((position) => source.includes(written(position))))).toBe(true)
})

test.each(KINDS)('a test makes the fault %s', (kind) => {
  expect(tests.some((source) => source.includes(`kind: '${kind}'`))).toBe(true)
})
