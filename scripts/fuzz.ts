import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// npm run fuzz [-- SECONDS]: every property in test/fuzz for an equal share of the time, ten minutes where nothing is said. Then the
// model of several IMAP clients on one mailbox, a million steps in the same proportion: about as long again.

const usualSeconds = 600
const usualSteps = 1_000_000
const total = Number(process.argv[2] ?? usualSeconds)
const folder = 'test/fuzz'
const properties = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8').match(/\bfc\.assert\(/g)?.length ?? 0)
  .reduce((sum, count) => sum + count, 0)
const share = Math.max(1, Math.floor(total / properties))
const steps = Math.round((usualSteps * total) / usualSeconds)

function vitest(args: readonly string[], env: Record<string, string>): number {
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return status ?? 1
}

console.log(`${properties} properties, ${share} s each; ${steps} steps of several IMAP clients`)
const timeout = String((share + 60) * 10_000)
process.exitCode = Math.max(
  vitest([folder, '--no-file-parallelism', '--testTimeout', timeout], { FUZZ_SECONDS: String(share) }),
  vitest(['test/e2e/imap-model.test.ts'], { MODEL_STEPS: String(steps) }),
)
