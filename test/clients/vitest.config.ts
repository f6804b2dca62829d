import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/clients/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Whoever waits for another process waits as long as a busy machine takes; what comes sooner goes on at once.
    expect: { poll: { timeout: 20_000 } },
    fileParallelism: false,
  },
})
