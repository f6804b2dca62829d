import type { Scanner } from '../../lib/scanner.ts'
import type { Reply } from './reply.ts'
import type { Session, SignedIn, State } from './session/session.ts'
import { replies } from './texts.ts'

export interface Command {
  readonly states: readonly State[]
  /** Reads the arguments behind the name; gives back what is to be done. Throws BadSyntax alone. */
  readonly read: (d: Scanner) => (session: Session) => Promise<Reply>
}

interface Definition<Context extends readonly unknown[], Args> {
  readonly parse: (d: Scanner) => Args
  readonly run: (...all: [...Context, Args]) => Promise<Reply> | Reply
}

/** In both states. */
export function always<Args>(definition: Definition<[Session], Args>): Command {
  return define(['stranger', 'signed in'], definition)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<[Session], Args>): Command {
  return define(['stranger'], definition)
}

/** With somebody's scripts. */
export function signedIn<Args>({ parse, run }: Definition<[Session, SignedIn], Args>): Command {
  return define(['signed in'], {
    parse,
    run: (session: Session, args: Args) =>
      session.user ? run(session, session.user, args) : replies.signInFirst,
  })
}

function define<Args>(states: readonly State[], { parse, run }: Definition<[Session], Args>): Command {
  return {
    states,
    read: (d) => {
      const args = parse(d)
      return async (session) => await run(session, args)
    },
  }
}
