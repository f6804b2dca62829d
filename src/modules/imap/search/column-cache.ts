import { LRUCache } from 'lru-cache'
import type { MailboxId } from '../../../ports/mail-store.ts'
import type { SharedImage } from '../selected/image.ts'
import { MailboxColumns } from './mailbox-columns.ts'

/** Octets kept for mailboxes searched last; a larger one is read anew for each search. docs/adr/014-search.md */
const mostOctets = 64 * 1024 * 1024

/** Columns of the mailboxes that were searched and sorted last, whoever did it. */
export class ColumnCache {
  readonly #kept = new LRUCache<MailboxId, MailboxColumns>({
    maxSize: mostOctets,
    sizeCalculation: (columns) => columns.octets,
  })

  of(image: SharedImage): MailboxColumns {
    const known = this.#kept.get(image.mailbox.id)
    if (known && !known.isWornFor(image)) return known
    const columns = new MailboxColumns()
    this.#kept.set(image.mailbox.id, columns)
    return columns
  }

  /** It has grown, and may be too large to be kept. */
  weigh(image: SharedImage, columns: MailboxColumns): void {
    if (this.#kept.peek(image.mailbox.id) === columns) this.#kept.set(image.mailbox.id, columns)
  }
}
