/**
 * npm run bench -- [NAME] [options]: runs `bench/NAME.bench.ts`, or all of them one after the other.
 * What each measures and how to read it: bench/README.md.
 */
import { readdirSync } from 'node:fs'

const suffix = '.bench.ts'

type Bench = { run(args: readonly string[]): Promise<void> }

const available = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))

const [first, ...rest] = process.argv.slice(2)
const named = first !== undefined && !first.startsWith('--')
const chosen = named ? available.filter((name) => name === first) : available
const options = named ? rest : process.argv.slice(2)

if (chosen.length === 0) {
  console.error(`There is no bench "${first}". There are: ${available.join(', ')}`)
  process.exit(2)
}
for (const name of chosen) {
  const bench: Bench = await import(`./${name}${suffix}`)
  await bench.run(options)
}
