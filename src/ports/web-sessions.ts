import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { Accepted } from './credentials.ts'
import type { TryLater } from './runtime.ts'

/**
 * Who is signed in with a browser. A session ends by itself when it was not used for long, or is old; all of an account end when
 * its password changes, or it is switched off.
 */
export interface WebSessions {
  /** With the ticket of a sign-in. Whoever has a second factor and showed none is asked for it first. */
  begin(ticket: string, seen: Seen): Promise<Begun | { readonly kind: 'second-factor' } | Over | TryLater>
  /** For whoever was signed in and has just changed the password: the ticket is of the one before. All his sessions have ended. */
  beginAgain(ticket: string, seen: Seen): Promise<Begun | Over | TryLater>
  find(
    key: string,
    seen: Seen,
  ): Promise<{ readonly kind: 'found'; readonly session: WebSession } | NoSession | TryLater>
  /** The last used first. */
  list(account: AccountId): Promise<readonly WebSessionRow[]>
  /** `id` as `list` tells it. */
  end(account: AccountId, id: string): Promise<{ readonly kind: 'ended' } | NoSession | TryLater>
  endAll(account: AccountId): Promise<{ readonly kind: 'ended' } | TryLater>
}

/** `key` is for the cookie and told this once: what is stored does not lead back to it. */
interface Begun {
  readonly kind: 'begun'
  readonly key: string
}

/** The ticket is too old, or the password has changed since. */
interface Over {
  readonly kind: 'over'
}

/** What an application attached to our pages reads and sends its user's mail with: it never learns his password. */
export interface SessionPasswords {
  /** Good while the session is, with its owner's address, and only on the ports for attached applications. */
  of(id: string): string
}

interface NoSession {
  readonly kind: 'missing'
}

/** From where, and with what. */
export interface Seen {
  readonly ip: string
  /** What the browser says it is. */
  readonly browser: string
}

interface WebSession {
  readonly id: string
  readonly account: AccountId
  readonly address: Address
  /** Since he showed who he is. */
  readonly ageMs: number
  readonly signedInBy: Accepted['with']
}

interface WebSessionRow {
  readonly id: string
  /** UTC milliseconds. `seenAt` is a minute behind at most. */
  readonly createdAt: number
  readonly seenAt: number
  readonly seenFrom: string
  readonly browser: string
  readonly signedInBy: Accepted['with']
}
