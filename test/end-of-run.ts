import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node'

/** The tiers are Vitest projects. For each: its command, and what it tests. */
const TIERS: Record<string, string> = {
  memory: '`npm test`, everything in memory on the embedded engine',
  integration: '`npm run test:integration`, which starts programs, a browser and PostgreSQL',
  durability: '`npm run test:durability`, which kills programs, and plays thousands of histories for minutes',
}

/** Which tiers ran, and which did not; of a run of selected files or tests, how many files. */
function scopeOf(run: Vitest, specifications: readonly TestSpecification[], all: readonly TestSpecification[]): string[] {
  if (specifications.length < all.length) return [`part of the tests: ${specifications.length} of ${all.length} files`]
  if (run.getGlobalTestNamePattern()) return [`part of the tests: only those that match ${String(run.getGlobalTestNamePattern())}`]
  const names = new Set(run.projects.map(({ name }) => name))
  if (![...names].some((name) => name in TIERS)) return []
  return Object.entries(TIERS).map(([name, about]) => `${names.has(name) ? 'ran' : 'not run'}: ${about}`)
}

const place = ({ module, parent, name }: TestCase): string =>
  `${module.relativeModuleId} > ${parent.type === 'suite' ? parent.fullName : name}`

/** How much output was searched for secrets. A secret in it fails its test file. */
function searchedOutputs(modules: readonly TestModule[]): string[] {
  const sums = new Map<string, number>()
  for (const module of modules)
    for (const [channel, size] of Object.entries(module.meta().outputs ?? {})) sums.set(channel, (sums.get(channel) ?? 0) + size)
  const parts = [...sums].map(([channel, size]) => `${channel} ${Math.ceil(size / 1_000)} kB`)
  return parts.length > 0 ? [`searched for secrets: ${parts.join(', ')}`] : []
}

let run: Vitest
let scope: string[] = []

/** Prints the last lines of a run: which tiers ran, and what was skipped and why; then the two counts on a separate line. */
export const endOfRun: Reporter = {
  onInit(vitest) {
    run = vitest
  },
  async onTestRunStart(specifications) {
    scope = scopeOf(run, specifications, await run.globTestSpecifications())
  },
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const skipped = inState('skipped').map((test) => ({ place: place(test), missing: test.meta().missing }))
    const lines = [
      ...scope,
      ...searchedOutputs(modules),
      ...skipped.map(({ place, missing }) => `skipped suite: ${place}${missing ? `: ${missing}` : ''}`),
    ]
    if (process.env['CI'] === 'true' && skipped.some(({ missing }) => missing)) {
      lines.push('With CI=true, a suite that lacks a requirement fails the run.')
      process.exitCode = 1
    }
    const broken = modules.flatMap((module) => module.errors()).length + unhandledErrors.length
    lines.push(`${inState('passed').length} passed, ${inState('failed').length + broken} failed`)
    process.stdout.write(`${[...new Set(lines)].join('\n')}\n`)
  },
}
