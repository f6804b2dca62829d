import { type LineCommand, type LineDefinition, lineCommand } from '../../lib/line-command.ts'
import type { Reply } from './reply.ts'
import type { Session, SignedIn, State } from './session/session.ts'
import { replies } from './texts.ts'

export type Command = LineCommand<Session, State, Reply>
type Definition<Context extends readonly unknown[], Args> = LineDefinition<Context, Args, Reply>

/** In both states. */
export function always<Args>(definition: Definition<[Session], Args>): Command {
  return lineCommand(['stranger', 'signed in'], definition)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<[Session], Args>): Command {
  return lineCommand(['stranger'], definition)
}

/** With somebody's scripts. */
export function signedIn<Args>({ parse, run }: Definition<[Session, SignedIn], Args>): Command {
  return lineCommand(['signed in'], {
    parse,
    run: (session: Session, args: Args) =>
      session.user ? run(session, session.user, args) : replies.signInFirst,
  })
}
