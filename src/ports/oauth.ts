import type { Address } from '../lib/address.ts'
import type { OAuthScope } from '../lib/oauth-scopes.ts'
import type { AccountId } from './accounts.ts'
import type { Changed, Refusal } from './directory-writer.ts'
import type { TryLater } from './runtime.ts'

/** Our own authorization server (RFC 6749) and OpenID provider. Applications are registered by global admins. */
export interface OAuthServer {
  readonly clients: OAuthClients
  readonly grants: OAuthGrants
  readonly devices: OAuthDevices
  readonly keys: OAuthKeys
  readonly requests: OAuthRequests
}

/** How often anybody may ask. */
export interface OAuthRequests {
  /** Counts this one; the seconds to wait, or 0. `who` is a network of the client's address, or a person. */
  wait(what: 'token' | 'device' | 'user code' | 'page', who: string): Promise<number>
}

export interface OAuthClients {
  /** In order of name. */
  list(): Promise<readonly OAuthClientRow[]>
  find(id: string): Promise<OAuthClientRow | undefined>
  /** A public client has no secret, and a confidential one has to show it. */
  authenticate(id: string, secret: string | undefined): Promise<OAuthClientRow | undefined>
  /** The secret of a confidential one is told this once. */
  add(
    client: OAuthClientSettings & { readonly isConfidential: boolean },
    actor: string,
  ): Promise<
    { readonly kind: 'added'; readonly id: string; readonly secret: string | undefined } | Refusal | TryLater
  >
  /** What it was allowed before stays; what its scopes do not have any more is not given again. */
  set(id: string, to: Partial<OAuthClientSettings>, actor: string): Promise<Changed | TryLater>
  /** The one until now is good no more. */
  newSecret(
    id: string,
    actor: string,
  ): Promise<{ readonly kind: 'made'; readonly secret: string } | { readonly kind: 'missing' } | TryLater>
  /** With everything it was allowed. */
  delete(id: string, actor: string): Promise<Changed | TryLater>
}

export interface OAuthClientSettings {
  readonly name: string
  /** Where answers go, to the letter; of a loopback address any port. RFC 8252 §7.3 */
  readonly redirectUris: readonly string[]
  readonly scopes: readonly OAuthScope[]
  /** May be used at another device, by a code that is typed. RFC 8628 */
  readonly device: boolean
  /** Of its ID tokens. */
  readonly signing: 'RS256' | 'ES256'
}

export interface OAuthClientRow extends OAuthClientSettings {
  readonly id: string
  readonly isConfidential: boolean
  /** UTC milliseconds. */
  readonly createdAt: number
}

/** What people have allowed applications. All ends when a password changes, a second factor is switched on first, or the person is switched off. */
export interface OAuthGrants {
  /** What he has allowed it before. */
  allowed(account: AccountId, client: string): Promise<readonly OAuthScope[]>
  /** `over`: the session has ended meanwhile. The code is good for a minute, and once. */
  allow(asked: Approval): Promise<{ readonly kind: 'allowed'; readonly code: string } | Over | TryLater>
  /** A code that is shown twice, or by whom it is not for, ends what came of it. */
  redeem(asked: Redemption): Promise<Issued | Invalid | TryLater>
  /** Each token is good once: whoever shows one twice has stolen it, or was stolen from, and both are out. */
  refresh(asked: Refreshing): Promise<Issued | Invalid | { readonly kind: 'wrong-scope' } | TryLater>
  /** RFC 7009. `foreign`: it is another client's. A token that is none is revoked already. */
  revoke(client: string, token: string): Promise<{ readonly kind: 'revoked' | 'foreign' } | TryLater>
  /** Of an access or refresh token that is good now. */
  inspect(token: string): Promise<TokenFacts | undefined>
  list(account: AccountId): Promise<readonly AllowedApplication[]>
  /** Everything of this application. `actor` as in the audit. */
  withdraw(
    account: AccountId,
    client: string,
    actor: string,
  ): Promise<{ readonly kind: 'withdrawn' | 'missing' } | TryLater>
}

export interface Approval {
  /** Of the browser in which he allows it. */
  readonly session: string
  readonly client: string
  readonly scopes: readonly OAuthScope[]
  readonly redirectUri: string
  /** S256. RFC 7636 */
  readonly challenge: string
  readonly nonce: string
}

export interface Redemption {
  readonly client: string
  readonly code: string
  readonly redirectUri: string
  readonly verifier: string
  readonly ip: string
}

export interface Refreshing {
  readonly client: string
  readonly token: string
  /** Fewer than before, where they are named. */
  readonly scopes?: readonly OAuthScope[]
  readonly ip: string
}

interface Over {
  readonly kind: 'over'
}

interface Invalid {
  readonly kind: 'invalid'
}

export interface Issued {
  readonly kind: 'issued'
  readonly accessToken: string
  readonly expiresInSeconds: number
  /** Where `offline_access` is allowed. */
  readonly refreshToken: string | undefined
  /** Where `openid` is. */
  readonly idToken: string | undefined
  readonly scopes: readonly OAuthScope[]
}

export interface TokenFacts {
  readonly kind: 'access' | 'refresh'
  readonly account: AccountId
  readonly address: Address
  /** As others are to call him. */
  readonly name: string
  readonly client: string
  readonly scopes: readonly OAuthScope[]
  /** UTC milliseconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface AllowedApplication {
  readonly client: string
  readonly name: string
  readonly scopes: readonly OAuthScope[]
  /** UTC milliseconds. */
  readonly since: number
  readonly lastUsed: { readonly at: number; readonly by: string } | undefined
}

/** RFC 8628: a device without a keyboard shows a code, which is typed in a browser. */
export interface OAuthDevices {
  begin(client: string, scopes: readonly OAuthScope[]): Promise<DeviceCodes | TryLater>
  /** What the device with this code wants; codes are compared without what is between their letters. */
  asked(
    userCode: string,
  ): Promise<
    | { readonly kind: 'asked'; readonly client: OAuthClientRow; readonly scopes: readonly OAuthScope[] }
    | { readonly kind: 'missing' }
  >
  answer(asked: {
    readonly userCode: string
    readonly session: string
    readonly allows: boolean
  }): Promise<{ readonly kind: 'answered' | 'missing' } | Over | TryLater>
  poll(asked: {
    readonly client: string
    readonly deviceCode: string
    readonly ip: string
  }): Promise<Issued | { readonly kind: 'pending' | 'slow-down' | 'denied' | 'expired' } | Invalid | TryLater>
}

interface DeviceCodes {
  readonly kind: 'begun'
  readonly deviceCode: string
  /** `BCDF-GHJK` */
  readonly userCode: string
  readonly expiresInSeconds: number
  readonly intervalSeconds: number
}

/** What ID tokens are signed with. */
export interface OAuthKeys {
  /** RFC 7517 §5: those that sign, and those that have signed until not long ago. */
  published(): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** New ones sign from now on. */
  rotate(actor: string): Promise<{ readonly kind: 'rotated' } | TryLater>
  /** For whom one of our ID tokens is; it may have ended. */
  audienceOf(idToken: string): Promise<string | undefined>
}
