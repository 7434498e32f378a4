import { defineConfig } from 'vitest/config'
import { endOfRun } from './test/end-of-run.ts'

export const config = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['test/postgres.ts'],
    setupFiles: ['test/outputs/watch-outputs.ts'],
    testTimeout: 20_000,
    // A database takes seconds to start, and longer when every core is busy.
    hookTimeout: 30_000,
    reporters: ['default', endOfRun],
  },
})
export { config as default }
