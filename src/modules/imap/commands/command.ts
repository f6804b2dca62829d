import type { AccountId } from '../../../ports/accounts.ts'
import type { MailStore } from '../../../ports/mail-store.ts'
import type { Selected, Session, State } from '../session/session.ts'
import type { Decoder } from '../wire/decoder.ts'
import { bad, type Reply } from './replies.ts'

/** One IMAP command: when it is allowed, what it means for its neighbours in the pipeline, how it reads and runs. */
export interface Command {
  readonly states: readonly State[]
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
  return define(['greeted', 'authenticated', 'selected'], definition, (session) => session)
}

/** Before anybody signed in. */
export function beforeLogin<Args>(definition: Definition<Session, Args>): Command {
  return define(['greeted'], definition, (session) => session)
}

export interface SignedIn {
  readonly session: Session
  readonly account: AccountId
  readonly store: MailStore
}

export function signedIn<Args>(definition: Definition<SignedIn, Args>): Command {
  return define(['authenticated', 'selected'], definition, signedInOf)
}

export interface InMailbox extends SignedIn {
  readonly selected: Selected
}

export function inMailbox<Args>(definition: Definition<InMailbox, Args>): Command {
  return define(['selected'], definition, (session) => {
    const base = signedInOf(session)
    return base && session.selected ? { ...base, selected: session.selected } : undefined
  })
}

function signedInOf(session: Session): SignedIn | undefined {
  return session.user ? { session, account: session.user.account, store: session.services.store } : undefined
}

function define<Context, Args>(
  states: readonly State[],
  { hazards, parse, run }: Definition<Context, Args>,
  contextOf: (session: Session) => Context | undefined,
): Command {
  return {
    states,
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
