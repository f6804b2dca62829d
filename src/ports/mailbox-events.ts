import type { AccountId } from './accounts.ts'
import type { MailboxId, Uid } from './mail-store.ts'

/** What people do to mail by IMAP, for the scripts that wait for it. RFC 6785. */
export interface MailboxEvents {
  /** Whether a script waits for what happens in this mailbox: only then somebody looks what a change of flags changed. */
  areAwaited(owner: AccountId, mailbox: MailboxId): Promise<boolean>
  /** Takes note. What comes of it comes later, and never fails what was done. */
  happened(event: MailboxEvent): Promise<void>
}

export interface MailboxEvent {
  readonly owner: AccountId
  readonly mailbox: MailboxId
  /** Who did it. */
  readonly user: AccountId
  readonly cause: 'APPEND' | 'COPY' | 'FLAG'
  /** As they are named in the mailbox now. */
  readonly uids: readonly Uid[]
  /** Those that were set, and those that were taken away. */
  readonly changedFlags: readonly string[]
}
