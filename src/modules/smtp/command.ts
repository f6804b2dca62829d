import type { Scanner } from '../../lib/scanner.ts'
import type { Via } from './profile.ts'
import type { Reply } from './reply.ts'
import type { Session } from './session.ts'
import type { State } from './transaction.ts'

/** Undefined where the command has answered already. */
export type Answer = Reply | undefined

export interface Command<Arguments = unknown> {
  /** Where it exists. */
  readonly on: readonly Via[]
  readonly states: readonly State[]
  /** Counts against the number of commands that one may say between two messages. */
  readonly isChore: boolean
  /** Where the answer to arguments that do not fit is not 501. */
  readonly badSyntax?: Reply
  /** Throws BadSyntax alone. */
  parse(d: Scanner): Arguments
  run(session: Session, args: Arguments): Answer | Promise<Answer>
}

/** Ties what `parse` gives to what `run` takes. */
export function command<Arguments>(definition: Command<Arguments>): Command {
  return definition
}

export const everywhere: readonly Via[] = ['arriving', 'submission', 'lmtp']
export const always: readonly State[] = ['fresh', 'ready', 'open', 'addressed', 'chunking']
