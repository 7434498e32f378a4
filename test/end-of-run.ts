import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'

/** The commands of the tiers that are Vitest projects, and what each is about. */
const TIERS: Record<string, string> = {
  memory: '`npm test`, everything in memory on the embedded engine',
  integration: '`npm run test:integration`, which starts programs, a browser and PostgreSQL',
  durability: '`npm run test:durability`, which kills programs, and plays thousands of histories for minutes',
}

/** Which of the tiers ran, and which did not. Who names files or tests knows. */
function tiersOf(run: Vitest | undefined): string[] {
  const names = new Set(run?.projects.map(({ name }) => name))
  const isPart = process.argv.some((argument) => argument.includes('.test')) || run?.config.testNamePattern !== undefined
  if (isPart || ![...names].some((name) => name in TIERS)) return []
  return Object.entries(TIERS).map(([name, about]) => `${names.has(name) ? 'ran' : 'not run'}: ${about}`)
}

const place = ({ module, parent, name }: TestCase): string =>
  `${module.relativeModuleId} > ${parent.type === 'suite' ? parent.fullName : name}`

/** How much output was looked through for secrets; a secret that came out is a failure of its test file. */
function lookedThrough(modules: readonly TestModule[]): string[] {
  const sums = new Map<string, number>()
  for (const module of modules)
    for (const [channel, size] of Object.entries(module.meta().outputs ?? {})) sums.set(channel, (sums.get(channel) ?? 0) + size)
  const parts = [...sums].map(([channel, size]) => `${channel} ${Math.ceil(size / 1_000)} kB`)
  return parts.length > 0 ? [`looked for secrets in ${parts.join(', ')}`] : []
}

let run: Vitest | undefined

/** The last lines of a run: which tiers ran, what was skipped and why, so that nothing is left out in silence; then the two numbers on a line of their own. */
export const endOfRun: Reporter = {
  onInit(vitest) {
    run = vitest
  },
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const skipped = inState('skipped').map((test) => ({ place: place(test), missing: test.meta().missing }))
    const lines = [
      ...tiersOf(run),
      ...lookedThrough(modules),
      ...skipped.map(({ place, missing }) => `skipped suite: ${place}${missing ? `: ${missing}` : ''}`),
    ]
    if (process.env['CI'] === 'true' && skipped.some(({ missing }) => missing)) {
      lines.push('With CI=true a suite that misses something is a failure.')
      process.exitCode = 1
    }
    const broken = modules.flatMap((module) => module.errors()).length + unhandledErrors.length
    lines.push(`${inState('passed').length} passed, ${inState('failed').length + broken} failed`)
    process.stdout.write(`${[...new Set(lines)].join('\n')}\n`)
  },
}
