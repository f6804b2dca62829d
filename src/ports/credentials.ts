import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { OldSignIn } from './old-servers.ts'
import type { TryLater } from './runtime.ts'

/** Says who somebody is. Throttling, caching of good credentials and upgrading of hashes happen inside. */
export interface CredentialVerifier {
  verify(attempt: LoginAttempt): Promise<LoginVerdict>
}

/**
 * SCRAM-SHA-256 (RFC 7677), for whoever speaks it on the wire; the grammar is in lib/scram.ts. Nothing is remembered between
 * the two calls, so that they may reach two processes. App tokens are not for SCRAM: it cannot be told which one is meant.
 */
export interface ScramVerifier {
  /** What the server's first message says. For a name that nobody has it is made up, and the same every time. */
  begin(attempt: ScramAttempt): Promise<ScramOffer | Throttled | TryLater>
  /** `authMessage` is RFC 5802 §3's AuthMessage, `proof` base 64. */
  finish(
    attempt: ScramAttempt & { readonly authMessage: string; readonly proof: string },
  ): Promise<ScramAccepted | Refused | Throttled | TryLater>
}

export type ScramAttempt = Omit<LoginAttempt, 'password' | 'bearer' | 'device'>

interface ScramOffer {
  readonly kind: 'offer'
  /** Base 64. */
  readonly salt: string
  readonly iterations: number
}

/** `serverSignature` is base 64, for the server's last message. */
interface ScramAccepted extends Accepted {
  readonly serverSignature: string
}

/**
 * Browsers from which somebody has signed in: guessing by others locks them out of nothing. The web keeps the cookie for a
 * year, for its sign-in page alone, and hands it over as `LoginAttempt.device`.
 */
export interface DeviceCookies {
  /** The value of a new cookie. */
  issue(address: Address): Promise<string>
}

/** Somebody whose word counts has said who it is: a proxy in front. No password is asked for, and no second factor. */
export interface TrustedSignIn {
  accept(attempt: Pick<LoginAttempt, 'login' | 'ip' | 'connection'>): Promise<Accepted | Refused | TryLater>
}

/** What is stored of passwords, for imports: a hash of a scheme that is not known, or too costly, lets nobody in. */
export interface StoredHashes {
  /** Whether sign-in can check it; one answer for each. */
  usable(hashes: readonly string[]): Promise<readonly boolean[]>
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
  /** Of a login: only from this address or device, where it is known; `codes`: only the second step after the password. */
  readonly from?: string
  readonly retryAfterSeconds: number
}

export interface LoginAttempt {
  /** As the client sent it. Empty: it tried where nobody signs in (AUTH on port 25), and every time counts against its network. */
  readonly login: string
  readonly password: string
  /** It came as a bearer token (RFC 6750): an app token signs in, a password does not. */
  readonly bearer?: boolean
  readonly service: 'smtp' | 'imap' | 'pop3' | 'sieve' | 'dav' | 'web' | 'api'
  readonly ip: string
  readonly connection: string
  /** What the client says it is, for the list of tokens. */
  readonly client?: string
  /** The device cookie, of the web alone. What is no valid one counts as none. */
  readonly device?: string
}

/** Refused and throttled are all that may be told: every refusal reads the same on the wire. */
export type LoginVerdict = Accepted | Refused | Throttled | TryLater

export interface Accepted {
  readonly kind: 'accepted'
  readonly account: AccountId
  readonly address: Address
  /** `provider`: whom OIDC_PROVIDER_INFO_URL names. */
  readonly with: 'password' | 'token' | 'second factor' | 'passkey' | 'proxy' | 'provider'
  /** Of the web alone: what `WebSessions.begin` takes. Good for some minutes, and as long as the password stays what it is. */
  readonly ticket?: string
  /** Of the web alone: the password is half of what is asked for. Whoever begins no session with the ticket lets nobody in. */
  readonly isHalf?: boolean
  /** Of mail programs alone: the mail is on another server still, which is signed in to with this. */
  readonly elsewhere?: OldSignIn
}

/** `reason` is for the log only. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason:
    | 'unknown'
    | 'wrong-secret'
    /** SCRAM, and no password has been seen yet from which it could be checked. */
    | 'scram-not-yet'
    | 'disabled'
    | 'protocol-off'
    | 'token-needed'
    /** The password is right, and there is a second factor: mail programs need an app token. */
    | 'token-needed-beside-second-factor'
    | 'wrong-code'
    /** The password is right, and has to be changed in a browser first: this may be told, for it was right. */
    | 'password-change-needed'
    /** Right, but no password, and the mail is on another server, which takes nothing else: this may be told, for it was right. */
    | 'password-needed-elsewhere'
    | 'token-network'
    | 'token-expired'
    | 'token-service'
  /** To a bearer: whose authorization server gives tokens for this. RFC 7628 §3.2.2 */
  readonly issuer?: string
}

export interface Throttled {
  readonly kind: 'throttled'
  readonly retryAfterSeconds: number
}
