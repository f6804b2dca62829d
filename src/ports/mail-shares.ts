import type { AccountId } from './accounts.ts'
import type { Mailbox, MailboxId } from './mail-store.ts'
import type { TryLater } from './runtime.ts'

/** Mailboxes that their owners let others use. RFC 4314. The store keeps the rights; who asks it for something obeys them. */
export interface MailShares {
  /** What others were given in a mailbox. The owner has every right and is not named. */
  grants(owner: AccountId, mailbox: MailboxId): Promise<readonly Grant[]>
  /** Others who said something of their mailboxes for this account, or for anyone. Of accounts that were removed, none. */
  sharers(account: AccountId): Promise<readonly AccountId[]>
  /** Those mailboxes of one of them, by name. `grants` are those that concern this account. */
  sharedWith(account: AccountId, owner: AccountId): Promise<readonly SharedMailbox[]>
  /** Grants without letters are removed. A new mailbox begins with those of the one above it. */
  grant(
    owner: AccountId,
    mailbox: MailboxId,
    to: Pick<Grant, 'grantee' | 'negative'>,
    change: { readonly mode: 'replace' | 'add' | 'remove'; readonly rights: string },
  ): Promise<{ kind: 'done' } | { kind: 'missing' } | { kind: 'too-many' } | TryLater>
}

/** `anyone`: everybody who has an account here. */
type Grantee = AccountId | 'anyone'

export interface Grant {
  readonly grantee: Grantee
  /** Letters of `lrswipkxtea`, in that order, each once. RFC 4314 §2.1. */
  readonly rights: string
  /** They are taken away, whatever other grants give. */
  readonly negative: boolean
}

export interface SharedMailbox {
  readonly owner: AccountId
  /** `subscribed` is the owner's. */
  readonly mailbox: Mailbox
  readonly grants: readonly Grant[]
}
