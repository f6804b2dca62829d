// npm run check: format, lint, types, dead code. Runs all, then fails if any failed.
import { spawnSync } from 'node:child_process'

const steps = [
  { name: 'format and lint', run: 'biome check --error-on-warnings' },
  {
    name: 'dropped promises, missing cases',
    run: 'oxlint --type-aware --quiet src test bench scripts bin',
  },
  { name: 'types', run: 'node node_modules/ts7/bin/tsc -p .' },
  { name: 'dead code', run: 'knip' },
]

const failed = steps.filter(({ name, run }) => {
  const [command = '', ...args] = run.split(' ')
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) console.error(`check: ${name} failed`)
  return status !== 0
})
process.exit(failed.length === 0 ? 0 : 1)
