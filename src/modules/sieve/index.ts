import type { SieveEngine } from '../../ports/sieve.ts'
import { compileSieve } from './check/compile.ts'
import { language } from './language/table.ts'
import { evaluateSieve } from './run/evaluate.ts'

/** Reads, checks and evaluates Sieve scripts. */
export function createSieve(): SieveEngine {
  return {
    capabilities: () => Promise.resolve([...language.extensions].sort()),
    compile: (source) => Promise.resolve(compileSieve(source, language)),
    evaluate: (script, facts) => Promise.resolve(evaluateSieve(script, facts, language)),
  }
}
