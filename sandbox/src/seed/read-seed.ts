import { readFile } from 'node:fs/promises'
import type * as z from 'zod'
import { companyFromFile } from './company-from-file.ts'
import type { Generation } from './generate.ts'
import type { CompanySeed } from './company-seed.ts'
import { type SeedFile, seedSchema } from './seed-schema.ts'
import { InvalidSeed } from './invalid-seed.ts'

/** A Seed is the initial data of a sandbox; without companies, the default ones. */
export interface Seed {
  companies?: readonly CompanySeed[] | undefined
  generate?: Generation | undefined
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`)).join('') || 'the whole'

/** For a union, reports the alternative that matches best. */
function textsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [`${pathOf(path)}: ${issue.message}`]
  const deepest = issue.errors.toSorted(
    (a, b) => Math.max(0, ...b.map((nested) => nested.path.length)) - Math.max(0, ...a.map((nested) => nested.path.length)),
  )[0]!
  return deepest.some((nested) => nested.path.length > 0)
    ? deepest.flatMap((nested) => textsOf(nested, path))
    : [`${pathOf(path)}: ${issue.message}`]
}

/** Validates a seed and resolves its references, or throws an InvalidSeed with all problems. */
export function readSeed(file: unknown, source = 'The seed'): Seed {
  // Compiling a schema for one use takes longer than running it.
  const { data, error } = seedSchema().safeParse(file, { jitless: true })
  if (!data)
    throw new InvalidSeed(
      source,
      error.issues.flatMap((issue) => textsOf(issue)),
    )
  const problems: string[] = []
  const companies = data.companies?.map((company, at) => companyFromFile(company, at, (path, text) => problems.push(`${path}: ${text}`)))
  const keys = (companies ?? []).flatMap(({ users }, at) =>
    users.flatMap(({ key }, user) => (key === undefined ? [] : [{ key, path: `companies[${at}].users[${user}].key` }])),
  )
  for (const { key, path } of keys)
    if (keys.find((first) => first.key === key)!.path !== path) problems.push(`${path}: another user has this key`)
  const ids = (companies ?? []).map(({ id }) => id)
  ids.forEach((id, at) => {
    if (ids.indexOf(id) !== at) problems.push(`companies[${at}].id: another company has it`)
  })
  if (problems.length > 0) throw new InvalidSeed(source, problems)
  return { companies, generate: data.generate }
}

async function parse(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  if (path.endsWith('.json')) return JSON.parse(text)
  // Loaded on demand: a sandbox without a seed starts faster.
  const { parse: parseYaml } = await import('yaml')
  return parseYaml(text)
}

/** Reads a seed file, YAML or JSON, and checks it. */
export async function loadSeedFile(path: string): Promise<SeedFile> {
  let file: unknown
  try {
    file = await parse(path)
  } catch (error) {
    throw new InvalidSeed(path, [(error as Error).message])
  }
  readSeed(file, path)
  return file as SeedFile
}
