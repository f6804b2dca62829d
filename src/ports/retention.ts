import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/** How long mailboxes keep what comes into them. For ever, unless somebody has said otherwise. */
export interface MailRetention {
  /** The mailboxes that have a rule, by name: their own, or the server's standard for Trash and Junk. */
  list(account: AccountId): Promise<readonly Retention[]>
  /**
   * Messages that have been in the mailbox for `days` go, within the hour: each as if it were expunged. 0 keeps all, also where
   * the server's standard would not. The rule is by name, and outlives the mailbox.
   */
  set(account: AccountId, mailbox: string, days: number): Promise<Answer>
  /** The server's standard again. `missing`: it had no rule of its own. */
  unset(account: AccountId, mailbox: string): Promise<Answer>
}

type Answer =
  /** `due` messages are there too long already. */
  { readonly kind: 'done'; readonly due: number } | { readonly kind: 'missing' } | TryLater

interface Retention {
  readonly mailbox: string
  /** 0 is for ever. */
  readonly days: number
  /** False: the server's standard. */
  readonly own: boolean
}
