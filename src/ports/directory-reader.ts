import type { Address, DomainName } from '../lib/address.ts'
import type {
  AliasRow,
  AuditRow,
  DomainRow,
  FetchRow,
  Grant,
  RelayRow,
  SettingRow,
  TokenRow,
  UserRow,
} from './directory-rows.ts'

/** Reads the directory. In order of name, address or id. Rejects while the database cannot be reached. Never tells a secret. */
export interface DirectoryReader {
  domains(): Promise<readonly DomainRow[]>
  relays(): Promise<readonly RelayRow[]>
  users(domain?: DomainName): Promise<readonly UserRow[]>
  user(address: Address): Promise<UserRow | undefined>
  aliases(domain?: DomainName): Promise<readonly AliasRow[]>
  tokens(user?: Address): Promise<readonly TokenRow[]>
  fetches(user?: Address): Promise<readonly FetchRow[]>
  managers(user?: Address): Promise<readonly Grant[]>
  accesses(): Promise<readonly Grant[]>
  settings(): Promise<readonly SettingRow[]>
  /** The newest first; `before` is the last id of the page before. At most 1,000. */
  audit(before?: number, search?: AuditSearch): Promise<readonly AuditRow[]>
  /** The whole directory at one moment, for exports. */
  everything(): Promise<Everything>
}

/** Parts of words, whatever their case. */
export interface AuditSearch {
  /** Of who did it. */
  readonly who?: string
  /** Of what was changed: `user ann@example.org`. */
  readonly what?: string
  readonly atMost?: number
}

export interface Everything {
  readonly domains: readonly DomainRow[]
  readonly relays: readonly RelayRow[]
  readonly users: readonly UserRow[]
  readonly aliases: readonly AliasRow[]
  readonly tokens: readonly TokenRow[]
  readonly fetches: readonly FetchRow[]
  readonly managers: readonly Grant[]
  readonly accesses: readonly Grant[]
  readonly settings: readonly SettingRow[]
}

/** What an export with secrets needs. Give it to nobody else. */
export interface DirectorySecrets {
  /** Hash of each user's password. */
  passwords(): Promise<ReadonlyMap<Address, string>>
  /** Hash of each token, by id. */
  tokens(): Promise<ReadonlyMap<number, string>>
  /** Password of each fetch, by id; one that cannot be read any more (SECRET_KEY changed) is not there. */
  fetches(): Promise<ReadonlyMap<number, string>>
}
