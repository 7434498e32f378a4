import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Each type name with the files that declare it. */
function declarations(files: readonly (readonly [file: string, source: string])[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [file, source] of files)
    for (const [, name] of source.matchAll(/^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm))
      found.set(name!, [...(found.get(name!) ?? []), file])
  return found
}

const repeats = (names: Map<string, string[]>): Record<string, string[]> =>
  Object.fromEntries([...names].filter(([, files]) => files.length > 1))

const read = (folder: string) => {
  const paths = globSync(`${folder}/**/*.ts`, { cwd: root }).filter((path) => !path.includes('node_modules'))
  return paths.toSorted().map((path) => [path, readFileSync(join(root, path), 'utf8')] as const)
}

test('a name that two files declare is found, private or not', () => {
  const files = [
    ['a.ts', 'export interface Event {\n}\ntype Row = 1'],
    ['b.ts', 'type Event<T> = T\nimport type { Row } from "c"'],
  ] as const
  expect(repeats(declarations(files))).toEqual({ Event: ['a.ts', 'b.ts'] })
})

test.each(['src', 'sandbox/src'])('in %s, each type name is declared once', (folder) => {
  const names = declarations(read(folder))
  expect(names.size).toBeGreaterThan(50)
  expect(repeats(names)).toEqual({})
})

test.each(['src', 'sandbox/src', 'tools'])('in %s, a comment that opens with "A Name is" names the type below it', (folder) => {
  const opening =
    /\/\*\*\s*(?:\n \* )?An? ([A-Z]\w+) (?:is|holds|says|makes)\b(?:(?!\*\/).)*?\*\/\nexport (?:abstract )?(?:interface|type|class) (\w+)/gs
  const opened = read(folder).flatMap(([file, source]) => [...source.matchAll(opening)].map(([, word, name]) => ({ file, word, name })))
  expect(opened.length).toBeGreaterThan(2)
  expect(opened.filter(({ word, name }) => word !== name)).toEqual([])
})
