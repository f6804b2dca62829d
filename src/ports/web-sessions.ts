import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/**
 * Who is signed in with a browser. A session ends by itself when it was not used for long, or is old; all of an account end when
 * its password changes, or it is switched off.
 */
export interface WebSessions {
  /** `key` is for the cookie and told this once: what is stored does not lead back to it. */
  begin(account: AccountId, seen: Seen): Promise<{ readonly kind: 'begun'; readonly key: string } | TryLater>
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
}

interface WebSessionRow {
  readonly id: string
  /** UTC milliseconds. `seenAt` is a minute behind at most. */
  readonly createdAt: number
  readonly seenAt: number
  readonly seenFrom: string
  readonly browser: string
}
