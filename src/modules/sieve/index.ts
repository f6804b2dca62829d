import type { SieveEngine } from '../../ports/sieve.ts'
import type { SieveScripts } from '../../ports/sieve-scripts.ts'
import { compileSieve } from './check/compile.ts'
import { language } from './language/table.ts'
import { Evaluator } from './run/evaluate-aside.ts'
import { checkedScripts, type ScriptsParts } from './scripts.ts'

/** Reads, checks and evaluates Sieve scripts. */
export function createSieve(): SieveEngine {
  const evaluator = new Evaluator()
  return {
    capabilities: () => Promise.resolve([...language.extensions].sort()),
    compile: (source) => Promise.resolve(compileSieve(source, language)),
    evaluate: (script, facts) => evaluator.evaluate(script, facts),
  }
}

/** The scripts of all owners, checked before they are kept. */
export function createSieveScripts(parts: ScriptsParts): SieveScripts {
  return checkedScripts(parts)
}
