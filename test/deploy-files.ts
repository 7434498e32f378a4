import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'

/** A Stage is one image of a Dockerfile: what it stands on, and its instructions in order. */
export interface Stage {
  base: string
  name: string
  steps: { verb: string; text: string }[]
}

/** Reads a Dockerfile. The last stage is the image. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '')
  for (const line of lines.split('\n').filter((line) => line.trim())) {
    const [, verb = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
    const from = verb === 'FROM' ? /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text) : null
    if (from) stages.push({ base: from[1]!, name: from[2] ?? '', steps: [] })
    else stages.at(-1)!.steps.push({ verb, text })
  }
  return stages
}

export const stepsOf = ({ steps }: Stage, verb: string): string[] => steps.filter((step) => step.verb === verb).map(({ text }) => text)

/** The variables that a stage sets. */
export const variablesOf = (stage: Stage): Record<string, string> =>
  Object.fromEntries(stepsOf(stage, 'ENV').flatMap((text) => text.split(/\s+/).map((pair) => pair.split('=') as [string, string])))

/** What of the context gets to the builder, by a .dockerignore: of the patterns that match a path, the last one decides. */
export function contextFilter(ignore: string): (path: string) => boolean {
  const rules = ignore
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => {
      const pattern = line.replace(/^!/, '').replaceAll('.', String.raw`\.`)
      const source = pattern.replaceAll('**/', '\0').replaceAll('*', '[^/]*').replaceAll('\0', '(?:.*/)?')
      return { matches: new RegExp(`^${source}(?:/.*)?$`), keeps: line.startsWith('!') }
    })
  return (path) => rules.findLast(({ matches }) => matches.test(path))?.keeps ?? true
}

/** Carries a COPY out: from `source`, of which `passes` lets the paths through, to `target`, where `workdir` is the current folder. */
export function copy(text: string, source: string, passes: (path: string) => boolean, target: string, workdir: string): void {
  const words = text.split(/\s+/).filter((word) => !word.startsWith('--'))
  const last = words.pop()!
  const into = join(target, posix.resolve(workdir, last))
  for (const word of words) {
    const from = join(source, word)
    const path = word.replace(/^\//, '')
    const isFolder = statSync(from).isDirectory()
    if (!isFolder && !passes(path)) throw new Error(`COPY ${word}: .dockerignore keeps it away`)
    const to = !isFolder && (last.endsWith('/') || words.length > 1) ? join(into, posix.basename(word)) : into
    mkdirSync(join(to, '..'), { recursive: true })
    cpSync(from, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (inside) => inside === from || statSync(inside).isDirectory() || passes(join(path, inside.slice(from.length + 1))),
    })
  }
}

/** `${NAME}`, `${NAME:-otherwise}` and `${NAME:?complaint}`, as Compose reads them; `$$` and what nests do not occur here. */
const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g

/** A Reference is one place where a Compose file takes something from the environment. */
export interface Reference {
  name: string
  fallback: string | undefined
  complaint: string | undefined
}

export const referencesIn = (text: string): Reference[] =>
  [...text.matchAll(VARIABLE)].map(([, name, kind, word]) => ({
    name: name!,
    fallback: kind === '-' ? word : undefined,
    complaint: kind === '?' ? word : undefined,
  }))

/** Puts the environment into every text of a parsed Compose file; what is missing and has no fallback fails, as with Compose. */
export function interpolate<T>(node: T, env: Record<string, string>): T {
  const text = (value: string) =>
    value.replaceAll(VARIABLE, (_, name: string, kind: string | undefined, word: string | undefined) => {
      const found = env[name] || (kind === '-' ? word : undefined)
      if (found === undefined) throw new Error(`${name} is not set: ${word}`)
      return found
    })
  // After reading: what is put in is a text, whatever YAML would make of it.
  return JSON.parse(JSON.stringify(node), (_, value: unknown) => (typeof value === 'string' ? text(value) : value)) as T
}

/** Reads lines of `NAME=value`. */
export const readEnvFile = (file: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** Every file in a folder with its size, to see whether something was written. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => `${file.slice(folder.length + 1)} ${statSync(file).size}`)
    .toSorted()
