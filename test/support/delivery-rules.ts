import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { ScriptStore, SieveScripts } from '../../src/ports/sieve-scripts.ts'

/** What a delivery needs to run rules, as the server has it. */
export function deliveryRules(store: { readonly scripts: ScriptStore }) {
  const limits = { scripts: 100, scriptBytes: 1_000_000, bytes: 10_000_000 }
  const scripts: SieveScripts = createSieveScripts({ store: store.scripts, limits })
  return {
    engine: createSieve(),
    scripts,
    rules: { noticeAfterMs: undefined, hostname: 'mx.example.com', recipientDelimiter: '+' },
  }
}
