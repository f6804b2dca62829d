import { type LineCommand, type LineDefinition, lineCommand } from '../../lib/line-command.ts'
import type { Maildrop } from './maildrop/maildrop.ts'
import { mistake, type Reply } from './reply.ts'
import type { Session, State } from './session/session.ts'

/** Undefined where the command has answered already, in several lines. */
export type Answer = Reply | undefined

export type Command = LineCommand<Session, State, Answer>
type Definition<Context extends readonly unknown[], Args> = LineDefinition<Context, Args, Answer>

/** In both states. */
export function always<Args>(definition: Definition<[Session], Args>): Command {
  return lineCommand(['authorization', 'transaction'], definition)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<[Session], Args>): Command {
  return lineCommand(['authorization'], definition)
}

/** With an open maildrop. */
export function inMaildrop<Args>({ parse, run }: Definition<[Session, Maildrop], Args>): Command {
  return lineCommand(['transaction'], {
    parse,
    run: (session: Session, args: Args) =>
      session.maildrop ? run(session, session.maildrop, args) : mistake('signInFirst'),
  })
}
