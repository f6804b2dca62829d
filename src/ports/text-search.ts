import type { Needle } from '../lib/search/fold.ts'
import type { AccountId } from './accounts.ts'
import type { MailboxId, Uid } from './mail-store.ts'

/**
 * Finds texts without reading every message, and reads what is inside documents. It never says no wrongly: what it is not sure of is
 * for the caller to read.
 */
export interface TextSearch {
  find(account: AccountId, mailbox: MailboxId, wanted: WantedText): Promise<TextFindings>
  /** The texts inside the PDF and office documents that a message carries, folded; none where they are not searched. */
  documents(account: AccountId, mailbox: MailboxId, uid: Uid): Promise<readonly string[]>
}

export interface WantedText {
  /** `text` is both. */
  readonly where: 'header' | 'body' | 'text'
  readonly needle: Needle
}

export type TextFindings =
  /** Both ascend. `sure` hold it, `open` may; all others that were in the mailbox at the call do not. */
  | { readonly kind: 'found'; readonly sure: readonly Uid[]; readonly open: readonly Uid[] }
  /** Nothing is known: read them all. */
  | { readonly kind: 'unknown' }

/** How far the index is, and what can be done about it. */
export interface TextIndexCare {
  status(): Promise<TextIndexStatus>
  /** Indexes what waits, now. Resolves when nothing does. */
  catchUp(): Promise<void>
  /** Throws the index away and makes it anew in the background; searches read meanwhile. */
  rebuild(): Promise<void>
}

export interface TextIndexStatus {
  readonly state: 'off' | 'working' | 'up to date' | 'waiting'
  readonly messages: number
  /** Not indexed yet: read by each search. */
  readonly waiting: number
  /** Too large or too odd to be indexed: read by each search. */
  readonly unread: number
  readonly bytes: number
}
