import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'

/** Says who somebody is. Throttling, caching of good credentials and upgrading of hashes happen inside. */
export interface CredentialVerifier {
  verify(attempt: LoginAttempt): Promise<LoginVerdict>
}

/** Who is locked out by failed sign-ins. */
export interface SignInLocks {
  list(): Promise<readonly SignInLock[]>
  /** Forgets the failures of a login, or of the network that an address lies in. */
  clear(who: string): Promise<{ readonly kind: 'cleared' } | { readonly kind: 'missing' }>
}

export interface SignInLock {
  readonly kind: 'login' | 'network'
  readonly who: string
  readonly retryAfterSeconds: number
}

export interface LoginAttempt {
  /** As the client sent it. Empty: it tried where nobody signs in (AUTH on port 25), and every time counts against its network. */
  readonly login: string
  readonly password: string
  readonly service: 'smtp' | 'imap' | 'pop3' | 'sieve' | 'dav' | 'web'
  readonly ip: string
  readonly connection: string
}

/** `reason` is for the log only: every refusal reads the same on the wire. */
export type LoginVerdict =
  | {
      readonly kind: 'accepted'
      readonly account: AccountId
      readonly address: Address
      readonly with: 'password' | 'token'
    }
  | {
      readonly kind: 'refused'
      readonly reason: 'unknown' | 'wrong-secret' | 'disabled' | 'protocol-off' | 'token-needed' | 'network'
    }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
