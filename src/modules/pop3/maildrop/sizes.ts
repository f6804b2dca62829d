import { LRUCache } from 'lru-cache'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxId, MailReader, Uid } from '../../../ports/mail-store.ts'

const rowsPerStep = 1_000
/** Messages whose sizes are remembered, of all maildrops together: 8 octets each. */
const mostRemembered = 500_000

/** Parallel, ascending by uid. */
export interface Sized {
  readonly uids: Uint32Array
  /** Octets. */
  readonly sizes: Uint32Array
}

/**
 * How long messages are. That never changes, so a program that looks every few minutes makes us read the sizes of what is new
 * and nothing else, however large its maildrop.
 */
export class Sizes {
  readonly #store: Pick<MailReader, 'rows'>
  readonly #known = new LRUCache<MailboxId, Sized>({
    maxSize: mostRemembered,
    sizeCalculation: ({ uids }) => uids.length + 16,
  })

  constructor(store: Pick<MailReader, 'rows'>) {
    this.#store = store
  }

  /** Those of `uids` that are still there. Lets others work between steps. */
  async of(account: AccountId, mailbox: MailboxId, uids: Uint32Array): Promise<Sized> {
    const known = this.#known.get(mailbox)
    const sizes = new Uint32Array(uids.length)
    const missing = known ? takeOver(known, uids, sizes) : uids
    const fresh = await this.#read(account, mailbox, missing)
    const sized = withoutGone(uids, sizes, merge(uids, sizes, fresh))
    this.#known.set(mailbox, sized)
    return sized
  }

  async #read(account: AccountId, mailbox: MailboxId, uids: Uint32Array): Promise<Map<Uid, number>> {
    const found = new Map<Uid, number>()
    for (let from = 0; from < uids.length; from += rowsPerStep) {
      if (from > 0) await nextTurn()
      const step = [...uids.subarray(from, from + rowsPerStep)]
      for (const { uid, size = 0 } of await this.#store.rows(account, mailbox, step, ['size']))
        found.set(uid, size)
    }
    return found
  }
}

/** No message is empty, so 0 is a size that is not known. Fills in what is known; gives back what is not. */
function takeOver(known: Sized, uids: Uint32Array, sizes: Uint32Array): Uint32Array {
  const missing: Uid[] = []
  let at = 0
  for (const [index, uid] of uids.entries()) {
    while ((known.uids[at] ?? uid) < uid) at++
    if (known.uids[at] === uid) sizes[index] = known.sizes[at] ?? 0
    else missing.push(uid)
  }
  return Uint32Array.from(missing)
}

/** How many have none. */
function merge(uids: Uint32Array, sizes: Uint32Array, fresh: ReadonlyMap<Uid, number>): number {
  let without = 0
  for (const [index, uid] of uids.entries()) {
    sizes[index] ||= fresh.get(uid) ?? 0
    if (sizes[index] === 0) without++
  }
  return without
}

/** What others removed while the sizes were read. */
function withoutGone(uids: Uint32Array, sizes: Uint32Array, gone: number): Sized {
  if (gone === 0) return { uids, sizes }
  const there = (_: number, index: number): boolean => sizes[index] !== 0
  return { uids: uids.filter(there), sizes: sizes.filter((size) => size !== 0) }
}
