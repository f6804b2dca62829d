import type { Address, DomainName } from '../lib/address.ts'
import type { TryLater } from './runtime.ts'

/** People make themselves an account, where a domain lets them. */
export interface SignUp {
  /** Those that have room, in order of name. */
  domains(): Promise<readonly DomainName[]>
  signUp(asked: {
    readonly address: Address
    readonly password: string
    /** Of who asks. */
    readonly ip: string
  }): Promise<SignedUp>
}

export type SignedUp =
  | { readonly kind: 'made' }
  /** It is somebody's, or for those who run the domain. */
  | { readonly kind: 'taken' }
  /** The domain takes nobody, or nobody any more. */
  | { readonly kind: 'closed' }
  /** Thieves have this password. */
  | { readonly kind: 'breached' }
  /** Why, for people. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | TryLater

/** People bring domains of their own. DOMAIN_REGISTRATION. */
export interface DomainSignUp {
  signUp(asked: {
    readonly domain: DomainName
    readonly owner: DomainOwner
    /** Of who asks. */
    readonly ip: string
  }): Promise<DomainSignedUp>
}

/** Who manages it: somebody new in it, or somebody who is signed in. */
export type DomainOwner =
  | { readonly kind: 'new'; readonly address: Address; readonly password: string }
  | { readonly kind: 'user'; readonly address: Address }

export type DomainSignedUp =
  | { readonly kind: 'made' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'breached' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | TryLater
  /** Its MX records do not name this server. */
  | { readonly kind: 'elsewhere' }
  /** Nobody can be called so. */
  | { readonly kind: 'wrong-name' }
