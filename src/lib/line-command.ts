import type { Scanner } from './scanner.ts'

/** A command of a protocol of lines, and the states in which it is allowed. */
export interface LineCommand<Session, State, Answer> {
  readonly states: readonly State[]
  /** Reads the arguments behind the name; gives back what is to be done. Throws BadSyntax alone. */
  readonly read: (d: Scanner) => (session: Session) => Promise<Answer>
}

export interface LineDefinition<Context extends readonly unknown[], Args, Answer> {
  readonly parse: (d: Scanner) => Args
  readonly run: (...all: [...Context, Args]) => Promise<Answer> | Answer
}

export function lineCommand<Session, State, Answer, Args>(
  states: readonly State[],
  { parse, run }: LineDefinition<[Session], Args, Answer>,
): LineCommand<Session, State, Answer> {
  return {
    states,
    read: (d) => {
      const args = parse(d)
      return async (session) => await run(session, args)
    },
  }
}
