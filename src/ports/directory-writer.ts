import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type {
  AliasSettings,
  AuditRow,
  ColumnChange,
  Departure,
  DomainSettings,
  FetchSettings,
  Grant,
  RelaySettings,
  TokenSettings,
  UserSettings,
} from './directory-rows.ts'
import type { TryLater } from './runtime.ts'

/**
 * Everything that changes the directory. `actor` is who did it, for the audit: an address, or `command line`, `import`, `start`, `clock`.
 * What a new row does not say is as `docs/lookups.md` has it. Nothing here ever loses mail but the deletion of a user or domain.
 */
export interface DirectoryWriter {
  add<K extends Kind>(on: K, row: Kinds[K]['row'], actor: string): Promise<Added | Refusal | TryLater>
  /** Changes what is named and leaves the rest. */
  set<K extends Settable>(
    on: K,
    key: Kinds[K]['key'],
    to: Partial<Kinds[K]['settings']>,
    actor: string,
  ): Promise<Changed | TryLater>
  delete<K extends Kind>(on: K, key: Kinds[K]['key'], actor: string): Promise<Changed | TryLater>
  /** Writes into the audit what was done elsewhere: to scripts, the queue, sessions, keys. */
  record(done: Omit<AuditRow, 'id' | 'at' | 'actor'>, actor: string): Promise<{ kind: 'recorded' } | TryLater>
  /**
   * All in one transaction and in this order, or nothing. Every refusal is told, not only the first. With `dryRun` nothing
   * is kept, and nothing that is generated means anything. `overLimits` takes what stands above the limits of a domain, as an
   * import has to. Where a name changes hands, what had it is deleted first.
   */
  apply(
    changes: readonly Change[],
    how: { readonly actor: string; readonly dryRun?: boolean; readonly overLimits?: boolean },
  ): Promise<Applied | NotApplied | TryLater>
}

/**
 * What there is, and how it is named. `row` is what a new one needs; the rest has standard values. `settings` is what can be
 * changed later. `createdAt` is for imports.
 */
export interface Kinds {
  domain: {
    key: DomainName
    row: { readonly name: DomainName } & Partial<DomainSettings> & Created
    settings: DomainSettings
  }
  relay: {
    key: DomainName
    row: { readonly name: DomainName } & Partial<RelaySettings> & Created
    settings: RelaySettings
  }
  user: {
    key: Address
    row: { readonly address: Address } & Secret & Partial<UserSettings> & Created
    settings: UserSettings & Secret
  }
  alias: {
    key: string
    row: { readonly address: string; readonly destination: readonly Address[] } & Partial<AliasSettings> &
      Created
    settings: AliasSettings
  }
  /** Without `password` or `passwordHash` a secret is made and told once. Ids are given for imports only. */
  token: {
    key: number
    row: { readonly user: Address; readonly id?: number } & Secret & Partial<TokenSettings> & Created
    settings: TokenSettings
  }
  fetch: {
    key: number
    row: { readonly user: Address; readonly id?: number; readonly password: string } & Pick<
      FetchSettings,
      'protocol' | 'host' | 'port' | 'username'
    > &
      Partial<FetchSettings> &
      Created
    settings: FetchSettings & { readonly password: string }
  }
  manager: { key: Grant; row: Grant; settings: never }
  access: { key: Grant; row: Grant; settings: never }
  /** `delete` takes the user back; deleting the user does not wait. */
  departure: { key: Address; row: Departure; settings: never }
  setting: {
    key: string
    row: { readonly name: string; readonly value: unknown }
    settings: { readonly value: unknown }
  }
}

export type Kind = keyof Kinds
/** A grant is there or is not. */
export type Settable = Exclude<Kind, 'manager' | 'access' | 'departure'>

/** One of both. The hash is crypt-style, as Mailu has it; a leading `{SCHEME}` is dropped. */
interface Secret {
  readonly password?: string
  readonly passwordHash?: string
}

interface Created {
  readonly createdAt?: number
}

/**
 * `put` makes it exactly this: a new one, or an old one of which everything not named gets its standard value; a user keeps his
 * account and mail, and without a password his password. `missing` says what a `delete` or `set` does where there is nothing.
 */
export type Change = {
  [K in Kind]:
    | { readonly on: K; readonly do: 'add'; readonly row: Kinds[K]['row'] }
    | { readonly on: K; readonly do: 'put'; readonly row: Kinds[K]['row'] }
    | {
        readonly on: K
        readonly do: 'set'
        readonly key: Kinds[K]['key']
        readonly to: Partial<Kinds[K]['settings']>
      }
    | { readonly on: K; readonly do: 'delete'; readonly key: Kinds[K]['key'] }
}[Kind]

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: 'exists' | 'missing-domain' | 'missing-user' | 'limit' | 'invalid'
  /** What to do about it, for people. */
  readonly text: string
}

export interface Added {
  readonly kind: 'added'
  /** Of a user. */
  readonly account?: AccountId
  /** Of a token or fetch. */
  readonly id?: number
  /** Of a token that was not given one. Never told again. */
  readonly secret?: string
}

export type Changed = { readonly kind: 'changed' } | { readonly kind: 'missing' } | Refusal

export interface Applied {
  readonly kind: 'applied'
  /** One for each change, in their order. */
  readonly steps: readonly AppliedStep[]
}

export interface AppliedStep extends Omit<Added, 'kind'> {
  readonly on: Kind
  /** As a text: an address, a name, an id, `user for domain`. */
  readonly key: string
  readonly did: 'created' | 'modified' | 'deleted' | 'unchanged'
  /** Of a `created` one what is not standard. Secrets read `<hidden>`. */
  readonly columns: readonly ColumnChange[]
}

export interface NotApplied {
  readonly kind: 'not-applied'
  /** `at` is the place in `changes`, from 0. */
  readonly refusals: readonly {
    readonly at: number
    readonly on: Kind
    readonly key: string
    readonly outcome: Refusal | { readonly kind: 'missing' }
  }[]
}
