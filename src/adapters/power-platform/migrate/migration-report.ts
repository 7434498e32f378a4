import { basename } from 'node:path'
import type { Migration } from './migrate.ts'

const steps = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The report of a migration, for people. */
export function migrationReport({ kind, changed, kept, edits, notes }: Migration, to: string): string {
  const byFile = Map.groupBy(changed, ({ file }) => file)
  const exchanged = [...edits].flatMap(([file, list]) =>
    [...new Set(list.map(({ before, after }) => `${before} → ${after}`))].map((line) => `  ${file}  ${line}`),
  )
  const sections = [
    [`This is a ${kind}. ${steps(changed.length, 'step goes', 'steps go')} over to ${to}.`],
    ...[...byFile].map(([file, list]) => [`Changed in ${file}`, ...list.map(({ step, operation }) => `  ${step}  (${operation})`)]),
    kept.length === 0 ? [] : ['Not changed', ...kept.map(({ file, step, reason }) => `  ${file}  ${step}\n    ${reason}.`)],
    exchanged.length === 0 ? [] : ['Exchanged', ...exchanged],
    notes.length === 0 ? [] : ['Left to do', ...notes.map((note) => `  ${note}`)],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n') + '\n')
    .join('\n')
}

/** The same report for programs. */
export function migrationJson({ kind, changed, kept, edits, notes }: Migration, input: string, output: string | undefined): string {
  const exchanged = [...edits].flatMap(([file, list]) => list.map(({ before, after }) => ({ file, before, after })))
  return JSON.stringify({ input: basename(input), output: output ?? null, kind, changed, kept, exchanged, notes }, null, 2) + '\n'
}
