import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    setupFiles: ['test/support/fuzz.ts'],
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // Whoever waits for another process waits as long as a busy machine takes; what comes sooner goes on at once.
    expect: { poll: { timeout: 20_000 } },
    // Much of the time a test waits for a server of its own: one file after the other would leave a core idle.
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
