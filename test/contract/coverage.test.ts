import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { groups, requirements } from './requirements.ts'
import { verifiedIn } from './verified.ts'

const root = join(import.meta.dirname, '../..')
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => !file.endsWith('contract/coverage.test.ts'))
  .map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }))
  .filter(({ source }) => source.includes('verifies'))

describe('the contract', () => {
  const ids = requirements.map((r) => r.id)

  test('names each of its sentences once', () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })

  test('has 19 operations, 41 parameters and 116 rows', () => {
    const rows = (['DealResponse', 'DealResponseV2', 'ActivityResponse', 'StageResponse'] as const).flatMap((name) => groups.rows(name))
    expect([groups.operations().length, groups.parameters().length, rows.length]).toEqual([19, 41, 116])
  })

  test('is verified sentence by sentence', () => {
    const verified = new Set(files.flatMap(({ source }) => verifiedIn(source)))
    expect(ids.filter((id) => !verified.has(id))).toEqual([])
  })

  test('is all that tests verify', () => {
    const unknown = files.flatMap(({ file, source }) =>
      verifiedIn(source)
        .filter((id) => !ids.includes(id))
        .map((id) => `${file}: ${id}`),
    )
    expect(unknown).toEqual([])
  })

  test('is verified by nothing that is skipped', () => {
    expect(files.filter(({ source }) => /\.(skip|skipIf|only|todo|runIf)\s*\(/.test(source)).map(({ file }) => file)).toEqual([])
  })
})

describe('reading which requirements a test verifies', () => {
  test('one, several, and groups', () => {
    expect(verifiedIn(`verifies('a.b', 'title', () => {})`)).toEqual(['a.b'])
    expect(verifiedIn(`verifies(\n  ['a', 'b'],\n  'title', () => {})`)).toEqual(['a', 'b'])
    expect(verifiedIn(`verifies.rows('StageResponse', 'title', () => {})`)).toEqual(['row.StageResponse.id', 'row.StageResponse.name'])
    expect(verifiedIn(`verifies.operations('title', () => {})`)).toHaveLength(19)
  })

  test('what is commented out verifies nothing', () => {
    expect(verifiedIn(`// verifies('a', 't', f)\n/* verifies('b', 't', f) */`)).toEqual([])
  })

  test('ids that are not literals are refused', () => {
    expect(() => verifiedIn('verifies(ids, "title", () => {})')).toThrow('as literals')
  })
})
