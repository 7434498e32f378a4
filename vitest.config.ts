import { globSync, readFileSync } from 'node:fs'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { PATIENCE_MS } from './src/kit/eventually.fixture.ts'
import { endOfRun } from './test/end-of-run.ts'

const ALL = ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts', 'sandbox/src/**/*.test.ts']
const INTEGRATION = '**/*.integration.test.ts'
const DURABILITY = 'test/durability/**/*.test.ts'

/** What holds on every engine runs twice: embedded in `memory`, and on PostgreSQL in `integration`. */
const onEveryEngine = globSync('{src,test}/**/*.test.ts').filter((file) => readFileSync(file, 'utf8').includes('onEveryEngine('))

/** Tests take the sandbox's package from its sources. */
const conditions = ['dealbridge-source']

/** A tier is a Vitest project; each test runs in exactly one. `engines`: what `src/store/engines.fixture.ts` obeys. */
const tier = (name: string, engines: string, include: string[], exclude: string[]): TestProjectInlineConfiguration => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    include,
    exclude,
    env: { TEST_ENGINES: process.env['TEST_ENGINES'] ?? engines },
    setupFiles: ['test/outputs/watch-outputs.ts'],
    // All cores: a test waits more than it computes.
    maxWorkers: '100%',
    // Nets for a test that hangs without waiting by `eventually`; many waits, one after the other, have room in them.
    testTimeout: 10 * PATIENCE_MS,
    hookTimeout: 5 * PATIENCE_MS,
  },
})

export const config = defineConfig({
  test: {
    globalSetup: ['test/postgres.ts'],
    reporters: ['default', endOfRun],
    projects: [
      tier('memory', 'embedded', ALL, [INTEGRATION, DURABILITY]),
      tier('integration', 'postgres', [INTEGRATION, ...onEveryEngine], [DURABILITY, '**/node_modules/**']),
      tier('durability', 'embedded,postgres', [DURABILITY], []),
    ],
  },
})
export { config as default }
