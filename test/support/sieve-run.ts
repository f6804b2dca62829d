import { createSieve } from '../../src/modules/sieve/index.ts'
import type { SieveAction, SieveEngine, SieveFacts, SieveOutcome } from '../../src/ports/sieve.ts'
import { sieveFacts } from './sieve-facts.ts'

const engine = createSieve()

/** Everything that is offered, so that a test of a command need not say what it requires. */
const everything = (await engine.capabilities()).map((name) => JSON.stringify(name)).join(', ')
const required = `require [${everything}];`

/** Checks a script and runs it over a message; throws where it is refused. The script is line 1 of what is run. */
export async function runSieve(
  script: string,
  { message = 'Subject: x\n\nbody\n', using = engine, library = [], ...more }: Partial<Options> = {},
): Promise<SieveOutcome> {
  const text = script.startsWith('require') ? script : `${required} ${script}`
  const compiled = await using.compile({ name: 'main', text, library })
  if (compiled.kind === 'refused') throw new Error(compiled.errors.map(({ message }) => message).join('; '))
  return using.evaluate(compiled.script, sieveFacts(message, more))
}

type Options = Omit<SieveFacts, 'message'> & {
  readonly message: string
  readonly using: SieveEngine
  readonly library: Parameters<SieveEngine['compile']>[0]['library']
}

/** Whether a test holds. */
export async function holds(test: string, options: Partial<Options> = {}): Promise<boolean> {
  const { kind, actions, error } = await runSieve(`if ${test} { fileinto "yes"; }`, options)
  if (kind === 'failed') throw new Error(error?.message)
  return actions.some((action) => action.kind === 'file' && action.mailbox === 'yes')
}

/** What `${x}` is after these commands. */
export async function valueOfX(commands: string, options: Partial<Options> = {}): Promise<string> {
  const { actions, error } = await runSieve(`${commands} reject "\${x}";`, options)
  const [action] = actions
  if (action?.kind !== 'reject') throw new Error(error?.message)
  return action.reason
}

/** Errors of a script as `line: message`. */
export async function problemsOf(text: string): Promise<string[]> {
  const compiled = await engine.compile({ name: 'main', text, library: [] })
  return compiled.kind === 'refused' ? compiled.errors.map(({ line, message }) => `${line}: ${message}`) : []
}

/** Actions in short: `file Junk`, `keep`, `redirect a@b`. */
export function inShort(outcome: SieveOutcome): string[] {
  return outcome.actions.map(shortly)
}

function shortly(action: SieveAction): string {
  switch (action.kind) {
    case 'file': {
      const flags = action.flags.length > 0 ? ` (${action.flags.join(' ')})` : ''
      const name = action.mailbox === undefined ? 'keep' : `file ${action.mailbox}`
      return `${action.implicit ? 'implicit ' : ''}${name}${action.create ? ' (new)' : ''}${flags}`
    }
    case 'redirect':
      return `redirect ${action.to}`
    case 'reject':
      return `reject ${action.reason}`
    case 'send':
      return `${action.purpose} to ${action.to.join(' ')}`
    case 'discard':
      return 'discard'
  }
}
