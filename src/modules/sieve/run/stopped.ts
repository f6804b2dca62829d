import type { SieveAction, SieveOutcome, SieveProblem } from '../../../ports/sieve.ts'

/** RFC 5228 §2.10.2: what happens where no command says otherwise. */
export function implicitKeep(flags: readonly string[], version: number): SieveAction {
  return { kind: 'file', mailbox: undefined, create: false, flags, version, implicit: true, by: undefined }
}

/** RFC 5228 §2.10.6: whatever is wrong, the message is kept. */
export function stopped(
  error: SieveProblem,
  known: Partial<Pick<SieveOutcome, 'warnings' | 'flags' | 'steps'>> = {},
): SieveOutcome {
  const { warnings = [], flags = [], steps = 0 } = known
  return {
    kind: 'failed',
    actions: [implicitKeep([], 0)],
    versions: [{ header: undefined, body: undefined }],
    guards: [],
    error,
    warnings,
    flags,
    steps,
  }
}
