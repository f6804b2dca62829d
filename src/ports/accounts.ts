import type { Address } from '../lib/address.ts'
import type { TryLater } from './runtime.ts'

/** Immutable, opaque, never reused: a random positive 48-bit integer. Addresses can be renamed, an account cannot. */
export type AccountId = number & { readonly brand: 'AccountId' }

/** What each mailbox owner has set. Mailu: Dovecot's userdb, and the values of its default script. */
export interface Accounts {
  settings(account: AccountId): Promise<AccountLookup>
  find(address: Address): Promise<AccountLookup>
  /**
   * Those that are switched on, in order of account id; `after` is the last id of the page before. At most 1,000. Rejects while
   * the directory cannot be reached.
   */
  list(after?: AccountId): Promise<readonly AccountSettings[]>
}

type AccountLookup =
  | ({ readonly kind: 'account' } & AccountSettings)
  | { readonly kind: 'unknown' }
  | TryLater

export interface AccountSettings {
  readonly account: AccountId
  readonly address: Address
  readonly displayedName: string
  readonly enabled: boolean
  /** 0 is unlimited. */
  readonly quotaBytes: number
  /** IANA name. */
  readonly timeZone: string
  readonly reply: {
    readonly enabled: boolean
    /** Empty: "Auto: " and the subject of what is answered. */
    readonly subject: string
    readonly body: string
    /** `YYYY-MM-DD`, both inclusive, in the account's time zone. */
    readonly start: string
    readonly end: string
  }
  readonly spam: {
    /** Spam goes to Junk. */
    readonly enabled: boolean
    readonly markAsRead: boolean
    /** Percent. */
    readonly threshold: number
  }
  /** Mail to `ann+news@` goes into the folder of that name, where there is one and no rule says otherwise. */
  readonly detailFiling: boolean
}
