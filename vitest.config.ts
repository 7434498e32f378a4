import { defineConfig } from 'vitest/config'
import { endOfRun } from './test/end-of-run.ts'

export const config = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 20_000,
    reporters: ['default', endOfRun],
  },
})
export { config as default }
