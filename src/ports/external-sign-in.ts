import type { AccountId } from './accounts.ts'
import type { Accepted, Refused, Throttled } from './credentials.ts'
import type { TryLater } from './runtime.ts'

/**
 * Signing in at a provider elsewhere (OpenID Connect). What has to be remembered until the browser is back is kept by the browser, sealed.
 * Where the provider does not answer, this fails soon, and every other way in works.
 */
export interface ExternalSignIn {
  begin(asked: ExternalAsked): Promise<ExternalBegun | Failed>
  finish(answer: ExternalAnswer): Promise<ExternalVerdict>
  /** Where one signs out there as well; undefined where the provider knows no such place. */
  signOutUrl(returnTo: string): Promise<string | undefined>
  /** What a provider sends when somebody signs out there (OpenID Connect Back-Channel Logout 1.0). */
  signedOut(token: string): Promise<{ readonly kind: 'ended' } | { readonly kind: 'refused' } | TryLater>
  links(account: AccountId): Promise<readonly ExternalLink[]>
  /** `actor` is as in the audit. */
  unlink(
    account: AccountId,
    id: string,
    actor: string,
  ): Promise<{ readonly kind: 'removed' | 'missing' } | TryLater>
}

interface ExternalAsked {
  /** Where to go afterwards. */
  readonly url: string
  /** Whoever is signed in there already shows once more that it is he. */
  readonly again: boolean
}

interface ExternalBegun {
  readonly kind: 'begun'
  /** Where the browser goes. */
  readonly location: string
  /** For a cookie: with it alone the sign-in can be finished. */
  readonly kept: string
}

export interface ExternalAnswer {
  readonly kept: string
  /** Of the address that the provider has sent the browser to. */
  readonly query: string
  readonly ip: string
  readonly connection: string
}

/** The provider does not answer, or not as it has to. */
interface Failed {
  readonly kind: 'failed'
}

type ExternalVerdict = (Accepted & { readonly url: string }) | ExternalRefusal

export type ExternalRefusal =
  /** The account it is of; undefined where the provider has told no address that counts. */
  | (Refused & { readonly login: string | undefined })
  /** Why no account could be made, in words. */
  | { readonly kind: 'not-made'; readonly text: string }
  /** The account is linked to somebody else there. */
  | { readonly kind: 'other-person'; readonly login: string }
  /** It was not begun in this browser, too long ago, or is finished already. */
  | { readonly kind: 'over' }
  | { readonly kind: 'declined' }
  | Failed
  | Throttled
  | TryLater

interface ExternalLink {
  readonly id: string
  readonly issuer: string
  readonly subject: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly lastUsedAt: number
}
