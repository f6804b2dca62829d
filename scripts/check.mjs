// npm run check: format, lint, types, dead code. Runs all, then fails if any failed.
import { spawnSync } from 'node:child_process'

const steps = [
  ['format and lint', 'biome', ['check', '--error-on-warnings']],
  [
    'dropped promises, missing cases',
    'oxlint',
    ['--type-aware', '--quiet', 'src', 'test', 'bench', 'scripts'],
  ],
  ['types', 'node', ['node_modules/ts7/bin/tsc', '-p', '.']],
  ['dead code', 'knip', []],
]

const failed = steps.filter(([name, command, args]) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) console.error(`check: ${name} failed`)
  return status !== 0
})
process.exit(failed.length === 0 ? 0 : 1)
