import type { Address, DomainName } from '../lib/address.ts'
import type { Throttled } from './credentials.ts'
import type { Refusal } from './directory-writer.ts'
import type { TryLater } from './runtime.ts'

/** Who may use the API. Guesses are counted as those of sign-ins are: whoever makes many waits. */
export interface ApiAccess {
  verify(attempt: ApiAttempt): Promise<ApiVerdict>
}

interface ApiAttempt {
  /** As the client sent it. Empty: it sent nothing that could be one, which counts as a guess. */
  readonly token: string
  readonly ip: string
  readonly connection: string
}

type ApiVerdict =
  /** `actor` is who the audit says it was. `everything` is API_TOKEN's. */
  | {
      readonly kind: 'accepted'
      readonly actor: string
      readonly scopes: readonly ApiScope[] | 'everything'
      /** Nothing outside of it is reached. */
      readonly domain: DomainName | undefined
    }
  | { readonly kind: 'refused' }
  | Throttled
  | TryLater

export type ApiArea =
  | 'domain'
  | 'alternative'
  | 'user'
  | 'alias'
  | 'relay'
  | 'token'
  | 'session'
  | 'fetch'
  | 'application'
  | 'queue'
  | 'trace'
/** Who may write may read. */
export type ApiScope = `${ApiArea | 'all'}:${'read' | 'write'}`

/** Keys beside API_TOKEN: for one program each, with what it needs, for as long as it needs it. */
export interface ApiKeys {
  /** In order of name. */
  list(): Promise<readonly ApiKeyRow[]>
  /** `secret` is told this once: what is stored does not lead back to it. */
  add(
    key: ApiKeySettings,
    actor: string,
  ): Promise<{ readonly kind: 'added'; readonly secret: string } | Refusal | TryLater>
  delete(
    name: string,
    actor: string,
  ): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' } | TryLater>
}

export interface ApiKeySettings {
  readonly name: string
  readonly scopes: readonly ApiScope[]
  /** Addresses and networks it works from; empty is anywhere. */
  readonly networks: readonly string[]
  /** UTC milliseconds. */
  readonly expires: number | 'never'
  /** The only domain it reaches; undefined is everything. */
  readonly domain: DomainName | undefined
  /** The manager who made it: it works for as long as he manages that domain. Undefined where an administrator did. */
  readonly owner: Address | undefined
}

export interface ApiKeyRow extends ApiKeySettings {
  readonly createdAt: number
  /** A minute behind at most. */
  readonly lastUsed: { readonly at: number; readonly by: string } | undefined
}
