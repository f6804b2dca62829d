import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    setupFiles: ['test/support/fuzz.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
