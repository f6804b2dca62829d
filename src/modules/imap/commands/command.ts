import type { Access } from '../access/access.ts'
import type { Right } from '../access/rights.ts'
import type { Selected, Session, State } from '../session/session.ts'
import type { Decoder } from '../wire/decoder.ts'
import { bad, type Reply } from './replies.ts'

/** One IMAP command: when it is allowed and what it needs, what it means for its neighbours in the pipeline, how it reads and runs. */
export interface Command {
  readonly states: readonly State[]
  /** Rights that it may ask for: RFC 4314 §4. What is in no list, no command can do. */
  readonly needs: readonly Right[]
  readonly hazards: Hazards
  /** Reads the arguments behind the name; gives back what is to be done. Throws BadSyntax alone. */
  readonly read: (d: Decoder) => (session: Session) => Promise<Reply>
}

/** RFC 9051 §5.5 and §7.5.1 as data; `dispatch.ts` obeys them. */
export interface Hazards {
  /** Its arguments name messages by number: nothing may be renumbered between the client's sending it and its run. */
  readonly usesSequenceNumbers: boolean
  /**
   * Whether EXPUNGE is said before its tagged response: never; where no command behind it counts already; or always, since the
   * client asked for just that.
   */
  readonly shiftsSequence: 'never' | 'where-safe' | 'always'
  /** Another mailbox, or none, is selected afterwards: there is nothing to say of the one before. */
  readonly changesMailbox: boolean
}

const harmless: Hazards = { usesSequenceNumbers: false, shiftsSequence: 'where-safe', changesMailbox: false }

interface Definition<Context, Args> {
  readonly hazards?: Partial<Hazards>
  readonly parse: (d: Decoder) => Args
  readonly run: (context: Context, args: Args) => Promise<Reply> | Reply
}

/** Everywhere. */
export function always<Args>(definition: Definition<Session, Args>): Command {
  return define(['greeted', 'authenticated', 'selected'], [], definition, (session) => session)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<Session, Args>): Command {
  return define(['greeted'], [], definition, (session) => session)
}

/** A command can reach for the rights `N` in mailboxes that it names, and for no others. */
export interface SignedIn<in N extends Right = never> {
  readonly session: Session
  readonly mail: Access<N>
}

/** What a command says of the rights that it needs. */
interface Needing<N extends Right> {
  readonly needs: readonly N[]
}

export function signedIn<N extends Right, Args>(
  definition: Definition<SignedIn<N>, Args> & Needing<N>,
): Command {
  return define(['authenticated', 'selected'], definition.needs, definition, signedInOf)
}

/** What was selected may be read. */
export interface InMailbox<in N extends Right = never> extends SignedIn<N> {
  readonly selected: Selected
}

export function inMailbox<N extends Right, Args>(
  definition: Definition<InMailbox<N>, Args> & Needing<N>,
): Command {
  return define(['selected'], ['r', ...definition.needs], definition, (session) => {
    const base = signedInOf(session)
    return base && session.selected ? { ...base, selected: session.selected } : undefined
  })
}

export function signedInOf<N extends Right>(session: Session): SignedIn<N> | undefined {
  return session.user && { session, mail: session.user.mail }
}

function define<Context, Args>(
  states: readonly State[],
  needs: readonly Right[],
  { hazards, parse, run }: Definition<Context, Args>,
  contextOf: (session: Session) => Context | undefined,
): Command {
  return {
    states,
    needs,
    hazards: { ...harmless, ...hazards },
    read: (d) => {
      const args = parse(d)
      return async (session) => {
        const context = contextOf(session)
        return context === undefined ? bad('Not in this state') : await run(context, args)
      }
    },
  }
}

/** For commands without arguments. */
export const nothing = (): undefined => undefined
