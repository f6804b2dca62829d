import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'

/**
 * What the command line changes in the directory. Giving way to `DirectoryReader & DirectoryWriter`, which will have this name.
 */
export interface DirectoryAdmin {
  domains(): Promise<readonly DomainRow[]>
  /** Adds it, or changes an existing one to this. */
  addDomain(domain: DomainRow): Promise<Added>
  setDomain(name: DomainName, change: Partial<Omit<DomainRow, 'name'>>): Promise<Changed>
  deleteDomain(name: DomainName): Promise<Changed>

  users(domain?: DomainName): Promise<readonly UserRow[]>
  user(address: Address): Promise<UserRow | undefined>
  addUser(user: NewUser): Promise<{ kind: 'added'; account: AccountId } | Refusal>
  /** Adds many in one transaction; all or nothing. For imports and benches. */
  addUsers(users: readonly NewUser[]): Promise<{ kind: 'added'; accounts: readonly AccountId[] } | Refusal>
  setUser(address: Address, change: Partial<UserSettings>): Promise<Changed>
  setPassword(address: Address, password: string): Promise<Changed>
  deleteUser(address: Address): Promise<{ kind: 'deleted'; account: AccountId } | { kind: 'missing' }>

  aliases(domain?: DomainName): Promise<readonly AliasRow[]>
  addAlias(alias: AliasRow): Promise<Added>
  setAlias(address: string, change: Partial<Omit<AliasRow, 'address'>>): Promise<Changed>
  deleteAlias(address: string): Promise<Changed>
}

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: 'exists' | 'missing-domain' | 'limit' | 'invalid'
  /** What to do about it, for people. */
  readonly text: string
}

export type Added = { readonly kind: 'added' } | Refusal
export type Changed = { readonly kind: 'changed' } | { readonly kind: 'missing' } | Refusal

export interface DomainRow {
  readonly name: DomainName
  /** -1 is unlimited, as in Mailu. */
  readonly maxUsers: number
  readonly maxAliases: number
  /** Ceiling a manager may give one user; 0 is none. */
  readonly maxQuotaBytes: number
  readonly alternatives: readonly DomainName[]
  readonly comment: string
}

export interface UserSettings {
  readonly quotaBytes: number
  readonly enabled: boolean
  readonly globalAdmin: boolean
  readonly enableImap: boolean
  readonly enablePop: boolean
  readonly allowSpoofing: boolean
  readonly forwardEnabled: boolean
  readonly forwardDestination: readonly Address[]
  readonly forwardKeep: boolean
  readonly displayedName: string
  readonly comment: string
}

export interface UserRow extends UserSettings {
  readonly address: Address
  readonly account: AccountId
}

export interface NewUser extends Partial<UserSettings> {
  readonly address: Address
  readonly password: string
}

export interface AliasRow {
  /** `local@domain`; with `wildcard` the local part is an SQL LIKE pattern (`%@example.org` catches all). */
  readonly address: string
  readonly destination: readonly Address[]
  readonly wildcard: boolean
  readonly disabled: boolean
  readonly comment: string
}
