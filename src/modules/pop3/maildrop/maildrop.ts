import { flagBits } from '../../../lib/flags.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxImage, MailStore, Uid } from '../../../ports/mail-store.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { Services } from '../session/services.ts'
import { Ahead } from './ahead.ts'
import type { Sized } from './sizes.ts'

/** What QUIT did. */
export type Update = { readonly kind: 'updated'; readonly removed: number } | TryLater

/** INBOX as this session found it at sign-in; nothing of what others do to it shifts a number. Messages count from 1. */
export class Maildrop {
  readonly account: AccountId
  readonly mailbox: number
  readonly ahead: Ahead
  readonly #image: MailboxImage
  readonly #sized: Sized
  readonly #uniqueSuffix: string
  readonly #deleted = new Set<number>()
  readonly #retrieved = new Set<number>()
  readonly #total: number
  #deletedOctets = 0

  constructor(store: MailStore, account: AccountId, image: MailboxImage, sized: Sized) {
    this.account = account
    this.mailbox = image.mailbox.id
    this.ahead = new Ahead(store, account, this.mailbox, sized)
    this.#image = image
    this.#sized = sized
    this.#uniqueSuffix = hexadecimal(image.mailbox.uidValidity)
    this.#total = sized.sizes.reduce((sum, size) => sum + size, 0)
  }

  /** The highest number, whatever was deleted. */
  get count(): number {
    return this.#sized.uids.length
  }

  /** Messages and octets that are not marked as deleted. RFC 1939 §5 STAT. */
  get stat(): { readonly messages: number; readonly octets: number } {
    return { messages: this.count - this.#deleted.size, octets: this.#total - this.#deletedOctets }
  }

  has(message: number): boolean {
    return message >= 1 && message <= this.count && !this.#deleted.has(message)
  }

  size(message: number): number {
    return this.#sized.sizes[message - 1] ?? 0
  }

  uid(message: number): Uid {
    return this.#sized.uids[message - 1] ?? 0
  }

  /** RFC 1939 §7 UIDL, in the form that Dovecot uses unless told otherwise: UID and UIDVALIDITY, eight digits each. */
  uniqueId(message: number): string {
    return hexadecimal(this.uid(message)) + this.#uniqueSuffix
  }

  delete(message: number): void {
    this.#deleted.add(message)
    this.#deletedOctets += this.size(message)
  }

  /** RFC 1939 §5 RSET. */
  restore(): void {
    this.#deleted.clear()
    this.#deletedOctets = 0
  }

  retrieved(message: number): void {
    this.#retrieved.add(message)
  }

  /** RFC 1939 §6: all that was marked goes, in one transaction. What was retrieved and stays has been seen. */
  async update({ store }: Pick<Services, 'store'>): Promise<Update> {
    const { account, mailbox } = this
    const doomed = [...this.#deleted].map((message) => this.uid(message))
    const removed = doomed.length > 0 ? await store.remove(account, mailbox, doomed) : undefined
    if (removed?.kind === 'later') return removed
    const seen = [...this.#retrieved].filter((message) => this.#isNewlySeen(message))
    if (seen.length > 0) {
      const uids = seen.map((message) => this.uid(message))
      await store.changeFlags(account, mailbox, uids, { mode: 'add', flags: ['\\Seen'] })
    }
    return { kind: 'updated', removed: removed?.kind === 'expunged' ? removed.uids.length : 0 }
  }

  #isNewlySeen(message: number): boolean {
    if (this.#deleted.has(message)) return false
    const at = this.#image.uids.indexOf(this.uid(message), message - 1)
    return ((this.#image.flags[at] ?? 0) & flagBits['\\Seen']) === 0
  }
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(8, '0')
}
