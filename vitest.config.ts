import { defineConfig } from 'vitest/config'

export const config = defineConfig({
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'], testTimeout: 20_000 },
})
export { config as default }
