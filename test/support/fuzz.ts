import fc from 'fast-check'

// In `npm test` a property runs its usual number of times; under `npm run fuzz` it runs for its share of the time.
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0)

if (seconds > 0) {
  fc.configureGlobal({
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  })
}
