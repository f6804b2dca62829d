import type {
  CompiledSieve,
  SieveAction,
  SieveEngine,
  SieveFacts,
  SieveGuard,
  SieveOutcome,
  SieveVersion,
} from '../../../ports/sieve.ts'
import { sayAction, sayProblem } from './explain.ts'
import type { Person } from './person.ts'

/** What the rules of one person make of one message. */
export interface Ruling {
  /** In the order in which they were decided. */
  readonly actions: readonly SieveAction[]
  /** Messages that the actions name by number; `[0]` is the one that came. */
  readonly versions: readonly SieveVersion[]
  readonly guards: readonly SieveGuard[]
  /** The server's own rules put it away: nothing else is to happen to it. */
  readonly isPutAway: boolean
  readonly steps: readonly string[]
}

/** Which of a person's rules are asked. */
export interface RulesToRun {
  readonly person: Person
  readonly facts: SieveFacts
  /** False where nothing is kept here: then there is nothing to file. */
  readonly withScript: boolean
}

const unchanged: readonly SieveVersion[] = [{ header: undefined, body: undefined }]

const kept: SieveAction = {
  kind: 'file',
  mailbox: undefined,
  create: false,
  flags: [],
  version: 0,
  implicit: true,
  by: undefined,
}

/** Of somebody without rules. */
export const noRuling: Ruling = {
  actions: [kept],
  versions: unchanged,
  guards: [],
  isPutAway: false,
  steps: [],
}

/** The server's own rules, then the owner's script on what they left. Changes nothing. */
export async function rule(
  engine: Pick<SieveEngine, 'evaluate'>,
  { person, facts, withScript }: RulesToRun,
): Promise<Ruling> {
  const first = await evaluate(engine, person.serverRules, facts)
  const before = first?.actions.filter((action) => !isImplicit(action)) ?? []
  const steps = [...sayOutcome(first, 'the server rules'), ...before.map(sayAction)]
  // RFC 5228 §2.10.2: whoever still keeps implicitly leaves the message to the next script.
  if (first !== undefined && !first.actions.some(isImplicit))
    return { actions: before, versions: first.versions, guards: first.guards, isPutAway: true, steps }
  const own = withScript ? ownRuling(person) : undefined
  const flags = first?.flags ?? facts.flags
  if (own?.kind !== 'script') {
    if (own?.kind === 'broken') steps.push(own.text)
    const ruling = { ...noRuling, actions: [...before, kept], guards: first?.guards ?? [], steps }
    return withScript ? filedLast(engine, { person, facts: { ...facts, flags } }, ruling) : ruling
  }
  const second = await engine.evaluate(own.script, { ...facts, flags })
  const after = second.actions.filter((action) => !repeats(before, action))
  return filedLast(
    engine,
    { person, facts: { ...facts, flags: second.flags } },
    {
      actions: [...before, ...after],
      versions: second.versions,
      guards: [...(first?.guards ?? []), ...second.guards],
      isPutAway: false,
      steps: [
        ...steps,
        ...sayOutcome(second, `the script "${own.name}"`),
        ...after.filter((action) => !isImplicit(action)).map(sayAction),
      ],
    },
  )
}

/** What nobody has filed is the last rule's: as the script left it. */
async function filedLast(
  engine: Pick<SieveEngine, 'evaluate'>,
  { person, facts }: Pick<RulesToRun, 'person' | 'facts'>,
  ruling: Ruling,
): Promise<Ruling> {
  const left = ruling.actions.find(isImplicit)
  if (person.lastRule === undefined || left?.kind !== 'file') return ruling
  const { actions } = await engine.evaluate(person.lastRule, facts)
  if (actions.some(isImplicit)) return ruling
  const filed = actions.map((action) => ({ ...action, version: left.version }))
  return {
    ...ruling,
    actions: [...ruling.actions.filter((action) => !isImplicit(action)), ...filed],
    steps: [...ruling.steps, ...filed.map(sayAction)],
  }
}

function ownRuling({
  script,
}: Person):
  | { kind: 'script'; name: string; script: CompiledSieve }
  | { kind: 'broken'; text: string }
  | undefined {
  switch (script.kind) {
    case 'none':
      return undefined
    case 'script':
      return { kind: 'script', name: script.name, script: script.script }
    case 'broken': {
      const [error] = script.errors
      const why = error === undefined ? '' : `: ${sayProblem(error)}`
      return { kind: 'broken', text: `the script "${script.name}" cannot run${why}` }
    }
  }
}

async function evaluate(
  engine: Pick<SieveEngine, 'evaluate'>,
  script: CompiledSieve | undefined,
  facts: SieveFacts,
): Promise<SieveOutcome | undefined> {
  return script && engine.evaluate(script, facts)
}

/** RFC 5230 §4.7: one answer to a message; that of the settings goes first. */
function repeats(before: readonly SieveAction[], action: SieveAction): boolean {
  return isVacation(action) && before.some(isVacation)
}

const isVacation = (action: SieveAction) => action.kind === 'send' && action.purpose === 'vacation'
const isImplicit = (action: SieveAction) => action.kind === 'file' && action.implicit

function sayOutcome(outcome: SieveOutcome | undefined, what: string): string[] {
  if (outcome === undefined) return []
  const failed =
    outcome.error === undefined
      ? []
      : [`${what} stopped, so the message is kept: ${sayProblem(outcome.error)}`]
  return [...failed, ...outcome.warnings.slice(0, 5).map(sayProblem)]
}
