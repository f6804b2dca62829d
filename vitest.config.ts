import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    setupFiles: ['test/support/fuzz.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Much of the time a test waits for a server of its own: one file after the other would leave a core idle.
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
