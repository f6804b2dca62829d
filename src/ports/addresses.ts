import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/** Where mail for an address goes: one step of the rules; whoever asks follows the hops. Podop: domain, mailbox, alias, recipient/map. */
export interface AddressResolver {
  resolve(recipient: Address): Promise<Destination | TryLater>
}

export type Destination =
  /** A hosted address: each hop is resolved again, except an address that comes back as itself. */
  | { readonly kind: 'hops'; readonly hops: readonly Hop[] }
  /** In a domain we take mail for and pass on (Mailu's relay). */
  | { readonly kind: 'relayed' }
  /** Hosted domain, no such address. */
  | { readonly kind: 'unknown' }
  /** Hosted, and switched off: a user or an alias. Takes no mail, and no catch-all takes it instead. */
  | { readonly kind: 'disabled' }
  /** Not our domain. */
  | { readonly kind: 'foreign' }

export type Hop =
  | {
      readonly kind: 'mailbox'
      readonly account: AccountId
      /** The user's own address. */
      readonly address: Address
      /** The rest of the local part behind the delimiter, without it: `news` of `ann+news@`. */
      readonly detail: string | undefined
      /** Where its owner has his mail sent on to, spam excepted. */
      readonly forward: { readonly to: readonly Address[]; readonly keeps: boolean } | undefined
    }
  /** `return`: a bounce to an address that `ReturnPaths` made goes to whom it stood for. */
  | { readonly kind: 'address'; readonly address: Address; readonly by: 'alias' | 'return' }

/** Who may send as whom, and how much. Podop: senderlogin, senderrate. */
export interface SenderPolicy {
  /** `sender` undefined is the null reverse-path, which everybody may use. RFC 5321 §4.5.5. */
  maySendAs(account: AccountId, sender: Address | undefined): Promise<SendingRight>
  /** Counts one accepted message of `recipients` recipients before it is accepted. */
  spendAllowance(account: AccountId, recipients: number): Promise<Allowance>
}

type SendingRight = { readonly kind: 'allowed' } | { readonly kind: 'refused' } | TryLater

export type Allowance =
  | { readonly kind: 'granted' }
  | { readonly kind: 'spent'; readonly retryAfterSeconds: number }
  | TryLater

/** Which domains are ours; alternatives included, relays not. Rejects while the directory cannot be reached. */
export interface LocalDomains {
  list(): Promise<readonly DomainName[]>
}
