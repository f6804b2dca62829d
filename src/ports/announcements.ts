import type { Address, DomainName } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/** A letter of the administration to everybody, or to everybody of a domain. */
export interface Announcements {
  announce(
    letter: AnnouncedLetter,
    actor: string,
  ): Promise<{ readonly kind: 'announced'; readonly id: number } | TryLater>
  /** The newest first, 100 at most. */
  list(): Promise<readonly Announcement[]>
  /** Whoever has it keeps it. */
  stop(id: number, actor: string): Promise<{ readonly kind: 'stopped' | 'missing' } | TryLater>
}

export interface AnnouncedLetter {
  /** One line of at most 255 characters. */
  readonly subject: string
  readonly body: string
  /** Undefined: to all. */
  readonly domain: DomainName | undefined
}

export interface Announcement extends AnnouncedLetter {
  readonly id: number
  /** Who wrote it. */
  readonly actor: string
  readonly createdAt: number
  /** How many people there were then. */
  readonly recipients: number
  readonly sent: number
  /** Who is switched off, or forwards to nowhere. */
  readonly skipped: number
  readonly state: 'running' | 'done' | 'stopped'
}

/** What is to be written to people, and how far that is. It stands in the directory: nothing of it is lost, whatever happens. */
export interface LettersDue {
  /** The oldest that is not over. */
  announcement(): Promise<Announcement | undefined>
  /** Who comes next, in order of address; none: it is over. */
  recipients(announcement: Pick<Announcement, 'id'>, atMost: number): Promise<readonly LetterRecipient[]>
  /** Those up to this address have it. False where it was stopped meanwhile. */
  reached(
    id: number,
    upTo: Address,
    counts: { readonly sent: number; readonly skipped: number },
  ): Promise<boolean>
  over(id: number): Promise<void>
  /** Who is new, and not welcomed yet. */
  welcomes(atMost: number): Promise<readonly LetterRecipient[]>
  welcomed(accounts: readonly AccountId[]): Promise<void>
  /** Tells when there is something new to do. */
  watch(run: () => void): () => void
}

export interface LetterRecipient {
  readonly account: AccountId
  readonly address: Address
  /** Who is switched off gets nothing. */
  readonly enabled: boolean
}
