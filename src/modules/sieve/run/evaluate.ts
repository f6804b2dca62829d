import type { CompiledSieve, SieveAction, SieveFacts, SieveOutcome } from '../../../ports/sieve.ts'
import type { Language } from '../language/spec.ts'
import { Machine } from './machine.ts'
import type { Program } from './program.ts'
import { ScriptFailure } from './script-failure.ts'
import { implicitKeep, stopped } from './stopped.ts'

/** Runs a compiled script over a message. Changes nothing. */
export function evaluateSieve(
  script: CompiledSieve,
  facts: SieveFacts,
  language: Language<Machine>,
): SieveOutcome {
  return outcomeOf(new Machine(language, script.program as Program, facts))
}

function outcomeOf(machine: Machine): SieveOutcome {
  try {
    machine.run()
    return finished(machine)
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error
    return stopped(error.problem, {
      warnings: machine.warnings,
      flags: machine.facts.flags,
      steps: machine.steps,
    })
  }
}

function finished(machine: Machine): SieveOutcome {
  const actions = [...machine.actions]
  // RFC 5228 §2.10.2
  if (machine.keepsImplicitly) actions.push(implicitKeep(machine.flags, machine.message.version()))
  return {
    kind: 'done',
    actions: withoutRepetition(actions),
    versions: machine.message.versions(),
    guards: machine.guards,
    error: undefined,
    warnings: machine.warnings,
    flags: machine.flags,
    steps: machine.steps,
  }
}

/** RFC 5228 §2.10.3: a mailbox gets the message once; the last flags given for it hold. */
function withoutRepetition(actions: readonly SieveAction[]): SieveAction[] {
  const kept: SieveAction[] = []
  for (const action of actions) {
    const earlier = kept.findIndex((one) => isSame(one, action))
    const before = kept[earlier]
    if (before?.kind === 'file' && action.kind === 'file') kept[earlier] = { ...before, flags: action.flags }
    else if (earlier < 0) kept.push(action)
  }
  return kept
}

function isSame(one: SieveAction, other: SieveAction): boolean {
  if (one.kind === 'file') {
    return other.kind === 'file' && (one.mailbox ?? 'INBOX') === (other.mailbox ?? 'INBOX')
  }
  if (one.kind === 'discard') return other.kind === 'discard'
  return (
    one.kind === 'send' &&
    other.kind === 'send' &&
    one.message === other.message &&
    one.to.join() === other.to.join()
  )
}
