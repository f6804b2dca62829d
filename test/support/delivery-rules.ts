import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { OutgoingNotes } from '../../src/ports/outgoing-notes.ts'
import type { ScriptStore, SieveScripts } from '../../src/ports/sieve-scripts.ts'

/** What a delivery needs to run rules, as the server has it. */
export function deliveryRules(store: { readonly scripts: ScriptStore; readonly notes: OutgoingNotes }) {
  const limits = { scripts: 100, scriptBytes: 1_000_000, bytes: 10_000_000 }
  const scripts: SieveScripts = createSieveScripts({ store: store.scripts, limits })
  return {
    engine: createSieve(),
    scripts,
    notes: store.notes,
    rules: { noticeAfterMs: undefined, hostname: 'mx.example.com', recipientDelimiter: '+' },
  }
}
