/** `npm run check`: each stage in turn, up to the first that fails, with what to do about it. */
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** A Stage is one check of the whole repository. */
interface Stage {
  name: string
  /** Arguments of Node. */
  command: readonly string[]
  todo: string
}

const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules/.bin')
const withSources = '--conditions=dealbridge-source'

const stages: readonly Stage[] = [
  {
    name: 'types',
    command: ['node_modules/typescript/bin/tsc', '--noEmit'],
    todo: 'Correct the types. An operation that lacks a text is reported in src/catalog/locales/.',
  },
  {
    name: 'lint',
    command: ['node_modules/oxlint/bin/oxlint'],
    todo: 'Correct what the linter reports. Who may import whom: tools/import-rules.ts.',
  },
  { name: 'format', command: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'], todo: 'Run `npx prettier --write .`' },
  {
    name: 'words',
    command: ['tools/words/check-words.ts'],
    todo: 'Replace the words as proposed. The list: tools/words/banned-words.ts.',
  },
  {
    name: 'generated files',
    command: [withSources, 'tools/generate.ts', '--check'],
    todo: 'Run `npm run generate`, read the difference, and commit it with your change.',
  },
]

for (const { name, command, todo } of stages) {
  console.log(`${name} …`)
  const begin = performance.now()
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: 'inherit',
    // oxlint looks for tsgolint in the path.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` },
  })
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1)
  if (status !== 0) {
    console.log(`\n${name}: failed after ${seconds} s. ${todo}`)
    process.exit(1)
  }
  console.log(`${name}: passed in ${seconds} s\n`)
}
console.log(`All ${stages.length} checks passed: ${stages.map(({ name }) => name).join(', ')}.`)
