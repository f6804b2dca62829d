import type { Scanner } from '../../lib/scanner.ts'
import type { Maildrop } from './maildrop/maildrop.ts'
import { mistake, type Reply } from './reply.ts'
import type { Session, State } from './session/session.ts'

/** Undefined where the command has answered already, in several lines. */
export type Answer = Reply | undefined

export interface Command {
  readonly states: readonly State[]
  /** Reads the arguments behind the name; gives back what is to be done. Throws BadSyntax alone. */
  readonly read: (d: Scanner) => (session: Session) => Promise<Answer>
}

interface Definition<Context extends readonly unknown[], Args> {
  readonly parse: (d: Scanner) => Args
  readonly run: (...all: [...Context, Args]) => Promise<Answer> | Answer
}

/** In both states. */
export function always<Args>(definition: Definition<[Session], Args>): Command {
  return define(['authorization', 'transaction'], definition)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<[Session], Args>): Command {
  return define(['authorization'], definition)
}

/** With an open maildrop. */
export function inMaildrop<Args>({ parse, run }: Definition<[Session, Maildrop], Args>): Command {
  return define(['transaction'], {
    parse,
    run: (session: Session, args: Args) =>
      session.maildrop ? run(session, session.maildrop, args) : mistake('signInFirst'),
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
