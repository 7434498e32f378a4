import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { folders, importRules, roof, type ImportRule } from './import-rules.ts'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')

/** A Line is one import, and whether the linter must refuse it there. */
type Line = [source: string, verdict: 'refused' | 'free']

const pathTo = (file: string, target: string) => {
  const path = relative(dirname(file), `src/${target}${target.endsWith('.ts') ? '' : '/thing.ts'}`)
  return path.startsWith('.') ? path : `./${path}`
}

/** Every folder and every file at the top, imported by a file of the rule's folder: once as a value, once as a type. */
function everyDirection(file: string, { from, may, mayTypes = [] }: ImportRule): Line[] {
  return [...folders, ...roof]
    .filter((target) => target !== from)
    .flatMap((target): Line[] => [
      [`export * from '${pathTo(file, target)}'`, may.includes(target) ? 'free' : 'refused'],
      [`export type * from '${pathTo(file, target)}'`, [...may, ...mayTypes].includes(target) ? 'free' : 'refused'],
    ])
}

const places = ({ from }: ImportRule) =>
  from.endsWith('.ts') ? [`src/${from}`] : [`src/${from}/thing.ts`, `src/${from}/thing.test.ts`, `src/${from}/deep/deeper/thing.ts`]

const forms: Line[] = [
  [`import { a } from '../doctor/thing.ts'`, 'refused'],
  [`import type { b } from '../doctor/thing.ts'`, 'refused'],
  [`import { type c } from '../doctor/thing.ts'`, 'refused'],
  [`import * as d from '../doctor/thing.ts'`, 'refused'],
  [`import '../doctor/thing.ts'`, 'refused'],
  [`export { e } from '../doctor/thing.ts'`, 'refused'],
  [`export const f = () => import('../doctor/thing.ts')`, 'refused'],
  [`export type G = import('../doctor/thing.ts').G`, 'refused'],
  [`export * from './../doctor/thing.ts'`, 'refused'],
  [`export * from '../../src/doctor/thing.ts'`, 'refused'],
  [`export * from '../engine/../doctor/thing.ts'`, 'refused'],
  [`export * from '../../test/thing.ts'`, 'refused'],
  [`export * from '../../tools/thing.ts'`, 'refused'],
  [`export * from 'dealbridge/sandbox'`, 'refused'],
  [`export * from '@dealbridge/sandbox'`, 'refused'],
  [`export * from '../../sandbox/src/thing.ts'`, 'refused'],
  [`export * from './sandbox.ts'`, 'free'],
  [`export * from './index.ts'`, 'free'],
  [`export * from 'pipedrive/v2'`, 'free'],
  [`export * from 'node:fs'`, 'free'],
]

const all: Line[] = [...folders, ...roof].map((target) => [
  `export * from './${target.endsWith('.ts') ? target : `${target}/thing.ts`}'`,
  'free',
])
const fromOutside: Line[] = folders.map((target) => [`export * from '../src/${target}/thing.ts'`, 'free'])

const fixtures: Record<string, Line[]> = {
  ...Object.fromEntries(importRules.flatMap((rule) => places(rule).map((file) => [file, everyDirection(file, rule)]))),
  'src/engine/forms.ts': forms,
  'sandbox/src/thing.ts': [
    [`export * from '../../src/kit/thing.ts'`, 'refused'],
    [`export * from 'dealbridge/sandbox'`, 'refused'],
    [`export * from './state/thing.ts'`, 'free'],
  ],
  'src/catalog/mixed.ts': [
    [`import { a, type B } from '../pipedrive/thing.ts'`, 'refused'],
    [`import { type C } from '../pipedrive/thing.ts'`, 'free'],
  ],
  'src/app.ts': all.filter(([source]) => !source.includes('app.ts')),
  'test/whole.test.ts': fromOutside,
  'bench/run.ts': fromOutside,
  'tools/write.ts': fromOutside,
  'examples/story.ts': fromOutside,
}

interface Diagnostic {
  code: string
  filename: string
  labels: { span: { line: number } }[]
}

/** The lines of these files that the linter refuses by one of these rules. */
async function refusedByTheLinter(files: Record<string, Line[]>, ...rules: string[]): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'dealbridge-lint-'))
  try {
    await cp(join(root, '.oxlintrc.json'), join(dir, '.oxlintrc.json'))
    for (const [file, lines] of Object.entries(files)) {
      await mkdir(join(dir, dirname(file)), { recursive: true })
      await writeFile(join(dir, file), lines.map(([source]) => `${source}\n`).join(''))
    }
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json'], {
      cwd: dir,
      encoding: 'utf8',
      // oxlint looks for tsgolint there, and only `npm run` has it in the path by itself.
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}` },
      // A diagnostic for each forbidden direction: more than Node's default of one megabyte.
      maxBuffer: 64 * 1024 * 1024,
    })
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
    const refused = diagnostics
      .filter(({ code }) => rules.some((rule) => code.includes(rule)))
      .map(({ filename, labels }) => `${filename}: ${files[filename]?.[labels[0]!.span.line - 1]?.[0]}`)
    return [...new Set(refused)].toSorted()
  } finally {
    await rm(dir, { recursive: true })
  }
}

const forbiddenIn = (files: Record<string, Line[]>): string[] =>
  Object.entries(files)
    .flatMap(([file, lines]) => lines.filter(([, verdict]) => verdict === 'refused').map(([source]) => `${file}: ${source}`))
    .toSorted()

test('the linter refuses every import that the table forbids, in every form, and no other', async () => {
  const forbidden = forbiddenIn(fixtures)
  expect(forbidden.length).toBeGreaterThan(folders.length * folders.length)
  expect(await refusedByTheLinter(fixtures, 'no-restricted-imports', 'consistent-type-imports')).toEqual(forbidden)
})

const circles: Record<string, Line[]> = {
  'src/kit/values-1.ts': [[`import { a } from './values-2.ts'`, 'refused']],
  'src/kit/values-2.ts': [[`export { a } from './values-1.ts'`, 'refused']],
  'src/kit/types-1.ts': [[`import type { A } from './types-2.ts'`, 'refused']],
  'src/kit/types-2.ts': [[`import { type A } from './types-3.ts'`, 'refused']],
  'src/kit/types-3.ts': [
    [`export type * from './types-1.ts'`, 'refused'],
    [`import type { B } from './no-circle.ts'`, 'free'],
  ],
  'src/engine/mixed-1.ts': [[`import type { A } from './deep/mixed-2.ts'`, 'refused']],
  'src/engine/deep/mixed-2.ts': [[`import { a } from '../mixed-1.ts'`, 'refused']],
  'src/engine/from-outside.ts': [[`import type { A } from '../kit/types-1.ts'`, 'free']],
  'src/kit/no-circle.ts': [],
}

test('the linter refuses circles of imports, of types as well, through any number of files', async () => {
  expect(await refusedByTheLinter(circles, 'no-cycle')).toEqual(forbiddenIn(circles))
})

const entries = (await readdir(src, { recursive: true, withFileTypes: true })).map((entry) => ({
  path: relative(src, join(entry.parentPath, entry.name)),
  isFolder: entry.isDirectory(),
}))

test('every folder and every file at the top of src/ has its row in the table', () => {
  const unknown = entries.filter(({ path, isFolder }) =>
    isFolder
      ? /^[^/]+$|^adapters\/[^/]+$/.test(path) && path !== 'adapters' && !folders.includes(path)
      : !path.includes('/') && !roof.includes(path.replace(/(\.\w+)?\.test\.ts$/, '.ts')),
  )
  expect(unknown).toEqual([])
})

test('no folder inside another is named like one that the linter tells apart by its name', () => {
  const top = folders.filter((name) => !name.startsWith('adapters/'))
  const adapters = folders.filter((name) => name.startsWith('adapters/'))
  const inside = entries.filter(({ path, isFolder }) => isFolder && path !== 'adapters' && !folders.includes(path)).map(({ path }) => path)
  const taken = (path: string) => [...top, ...(path.startsWith('adapters/') ? adapters.map((name) => basename(name)) : [])]
  expect(inside.filter((path) => taken(path).includes(basename(path)))).toEqual([])
})

test.each([
  ['src', 'package.json'],
  ['sandbox/src', 'sandbox/package.json'],
])('every package that %s imports is in %s', async (folder, manifest) => {
  const { name: own, dependencies } = JSON.parse(await readFile(join(root, manifest), 'utf8')) as {
    name: string
    dependencies: Record<string, string>
  }
  const files = (await readdir(join(root, folder), { recursive: true })).filter((file) => /(?<!\.test|\.fixture)\.ts$/.test(file))
  const sources = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')))
  const imported = sources.flatMap((source) =>
    [...source.matchAll(/(?:from|import\()\s*'((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[^']*)?'/g)].map(([, name]) => name!),
  )
  const missing = new Set(imported.filter((name) => !(name in dependencies) && name !== own && !isBuiltin(name)))
  expect(imported.length).toBeGreaterThan(10)
  expect([...missing]).toEqual([])
})
