import type { Address } from '../lib/address.ts'

/** Immutable, opaque, never reused: a random positive 48-bit integer. Addresses can be renamed, an account cannot. */
export type AccountId = number & { readonly brand: 'AccountId' }

/** What each mailbox owner has set. Mailu: Dovecot's userdb. */
export interface Accounts {
  settings(account: AccountId): Promise<AccountSettings | undefined>
  /** In order of account id; `after` is the last id of the page before. At most 1,000. */
  list(after?: AccountId): Promise<readonly AccountSettings[]>
}

export interface AccountSettings {
  readonly account: AccountId
  readonly address: Address
  readonly displayedName: string
  readonly enabled: boolean
  /** 0 is unlimited. */
  readonly quotaBytes: number
}
