import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// npm run fuzz [-- SECONDS]: every property in test/fuzz for an equal share of the time, ten minutes where nothing is said.

const total = Number(process.argv[2] ?? 600)
const folder = 'test/fuzz'
const properties = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8').match(/\bfc\.assert\(/g)?.length ?? 0)
  .reduce((sum, count) => sum + count, 0)
const share = Math.max(1, Math.floor(total / properties))
console.log(`${properties} properties, ${share} s each`)

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    folder,
    '--no-file-parallelism',
    '--testTimeout',
    String((share + 60) * 10_000),
  ],
  { stdio: 'inherit', env: { ...process.env, FUZZ_SECONDS: String(share) } },
)
process.exitCode = status ?? 1
