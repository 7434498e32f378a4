/** A stage of `npm run check`: looks for words of the list in pages, messages, log lines, titles of tests and comments. */
import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { scopes } from './banned-words.ts'
import { findWords } from './find-words.ts'

const root = join(import.meta.dirname, '../..')
const files = globSync(
  scopes.map(({ files }) => files),
  { cwd: root },
)
for (const file of files.toSorted()) {
  const { parts } = scopes.find((scope) => matchesGlob(file, scope.files))!
  for (const { line, word, use } of findWords(readFileSync(join(root, file), 'utf8'), parts)) {
    process.exitCode = 1
    console.log(`${file}:${line}: "${word}". Write: ${use}`)
  }
}
