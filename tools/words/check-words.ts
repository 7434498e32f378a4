/** A stage of `npm run check`: looks for words of the list in pages, messages, log lines, titles of tests and comments. `--all` ignores the exceptions. */
import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { scopes } from './banned-words.ts'
import { findWords } from './find-words.ts'
import { notYetClean } from './not-yet-clean.ts'

const root = join(import.meta.dirname, '../..')
const exceptions = process.argv.includes('--all') ? [] : notYetClean
const files = globSync(
  scopes.map(({ files }) => files),
  { cwd: root },
)
const failing = new Set<string>()
let found = 0
for (const file of files.toSorted()) {
  const { parts } = scopes.find((scope) => matchesGlob(file, scope.files))!
  const hits = findWords(readFileSync(join(root, file), 'utf8'), parts)
  if (hits.length > 0) failing.add(file)
  if (exceptions.some((exception) => matchesGlob(file, exception))) continue
  found += hits.length
  for (const { line, word, use } of hits) console.log(`${file}:${line}: "${word}". Write: ${use}`)
}
for (const exception of exceptions.filter((one) => ![...failing].some((file) => matchesGlob(file, one))))
  console.log(`${exception} is clean: remove it from tools/words/not-yet-clean.ts`)
if (found > 0) process.exitCode = 1
