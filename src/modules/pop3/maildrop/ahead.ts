import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxId, MailReader, Uid } from '../../../ports/mail-store.ts'
import type { Sized } from './sizes.ts'

/** Messages up to this size are read whole, and with their neighbours. */
export const smallOctets = 128 * 1024
/** What one client may have waiting: a hundred of them at once are not to cost more than a few large messages. */
const aheadOctets = 256 * 1024
const mostAhead = 64

/**
 * Whole small messages. A client that takes one after the other, as nearly all do, has the next ones at hand: twice as many
 * each time, so that who wants one message makes us read one.
 */
export class Ahead {
  readonly #store: Pick<MailReader, 'bodies'>
  readonly #account: AccountId
  readonly #mailbox: MailboxId
  readonly #sized: Sized
  #ready = new Map<Uid, Uint8Array>()
  /** How many were asked for last, and which would continue them. */
  #count = 1
  #next = -1

  constructor(store: Pick<MailReader, 'bodies'>, account: AccountId, mailbox: MailboxId, sized: Sized) {
    this.#store = store
    this.#account = account
    this.#mailbox = mailbox
    this.#sized = sized
  }

  /** The message at this index; what the call before gave is gone with it. Undefined where it is no longer there. */
  async take(index: number): Promise<Uint8Array | undefined> {
    const uid = this.#sized.uids[index] ?? 0
    const known = this.#ready.get(uid)
    if (known) return known
    this.forget()
    this.#count = index === this.#next ? Math.min(this.#count * 2, mostAhead) : 1
    const uids = this.#from(index)
    const bodies = await this.#store.bodies(this.#account, this.#mailbox, uids, aheadOctets)
    this.#ready = new Map(bodies.map(({ uid, bytes }) => [uid, bytes]))
    return this.#ready.get(uid)
  }

  /** They have been used, or nobody seems to want them. Left to the collector, they would bring it on. */
  forget(): void {
    for (const bytes of this.#ready.values()) {
      const { buffer } = bytes
      if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0)
    }
    this.#ready.clear()
  }

  /** This one, and the small ones behind it that fit. */
  #from(index: number): Uid[] {
    const { uids, sizes } = this.#sized
    const wanted: Uid[] = []
    let left = aheadOctets
    let at = index
    for (; at < uids.length && at < index + this.#count; at++) {
      const size = sizes[at] ?? 0
      if (at > index && size > left) break
      if (size > smallOctets) continue
      wanted.push(uids[at] ?? 0)
      left -= size
    }
    this.#next = at
    return wanted
  }
}
