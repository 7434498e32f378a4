import brightwater from './companies/brightwater.json' with { type: 'json' }
import kranich from './companies/kranich.json' with { type: 'json' }
import { readSeed } from './read-seed.ts'
import type { CompanySeed } from './company-seed.ts'

let companies: readonly CompanySeed[] | undefined

/** The default companies, read once per process: tests create many sandboxes. */
export const standardCompanies = (): readonly CompanySeed[] =>
  (companies ??= readSeed({ companies: [...brightwater.companies, ...kranich.companies] }, 'The standard seed').companies ?? [])
