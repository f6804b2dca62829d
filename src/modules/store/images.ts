import { LRUCache } from 'lru-cache'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { Mailbox, MailboxId, MailboxImage } from '../../ports/mail-store.ts'
import type { StoredChange } from './operations.ts'
import type { PlacementColumns, ReadSql } from './read-sql.ts'

const rowsPerStep = 5_000
/** Rows kept for mailboxes that nobody may be looking at any more: 16 octets each. */
const rowsKept = 400_000
/** Changes not yet folded in; past these the image is read anew. */
const mostPending = 10_000

type MessagesChange = Extract<StoredChange, { kind: 'messages' }>

interface Kept {
  image: MailboxImage
  pending: MessagesChange[]
}

/**
 * Images of mailboxes, shared by everyone who asks. An image is never changed: what happened since is folded into a new one
 * when somebody asks again. It always shows exactly the state at its `mailbox.highestModSeq`.
 */
export class Images {
  readonly #db: Database
  readonly #sql: ReadSql
  readonly #kept = new LRUCache<MailboxId, Kept>({
    maxSize: rowsKept,
    sizeCalculation: ({ image }) => image.uids.length + 16,
  })

  constructor(db: Database, sql: ReadSql) {
    this.#db = db
    this.#sql = sql
  }

  /** `read` tells the mailbox row of this moment. */
  async image(id: MailboxId, read: () => Mailbox | undefined): Promise<MailboxImage | undefined> {
    const mailbox = read()
    if (!mailbox) return undefined
    const known = this.#fromKept(mailbox)
    if (known) return known
    const image = mailbox.messages <= rowsPerStep ? this.#readAtOnce(read) : await this.#readInSteps(read)
    if (image) this.#kept.set(id, { image, pending: [] })
    return image
  }

  note(change: StoredChange): void {
    if (change.kind === 'mailboxes') {
      for (const id of change.deleted) this.#kept.delete(id)
      return
    }
    if (change.kind === 'annotations') return
    const kept = this.#kept.peek(change.mailbox)
    // The reader saw it before it was told.
    if (!kept || change.modSeq <= kept.image.mailbox.highestModSeq) return
    kept.pending.push(change)
    const rows = change.arrived.uids.length + change.flagged.uids.length + change.expunged.length
    if (rows > mostPending || kept.pending.length > mostPending) this.#kept.delete(change.mailbox)
  }

  #fromKept(mailbox: Mailbox): MailboxImage | undefined {
    const kept = this.#kept.get(mailbox.id)
    if (!kept) return undefined
    if (kept.pending.length > 0) {
      const image = folded(kept.image, kept.pending)
      this.#kept.set(mailbox.id, { image, pending: [] })
      return this.#current(image, mailbox)
    }
    return this.#current(kept.image, mailbox)
  }

  /** The reader may see a commit whose change has not been told yet; then the image is read anew. */
  #current(image: MailboxImage, mailbox: Mailbox): MailboxImage | undefined {
    if (image.mailbox.highestModSeq !== mailbox.highestModSeq) return undefined
    return { ...image, mailbox }
  }

  #readAtOnce(read: () => Mailbox | undefined): MailboxImage | undefined {
    return this.#db.transaction(() => {
      const mailbox = read()
      return mailbox && imageOf(mailbox, this.#sql.placements.all(mailbox.id, 1, -1))
    })()
  }

  /** Lets others work between steps. A mailbox that changes meanwhile is read again, the third time at once. */
  async #readInSteps(read: () => Mailbox | undefined): Promise<MailboxImage | undefined> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const before = read()
      if (!before) return undefined
      const rows: PlacementColumns[] = []
      for (let from = 1; ; ) {
        const step = this.#sql.placements.all(before.id, from, rowsPerStep)
        rows.push(...step)
        if (step.length < rowsPerStep) break
        from = (step.at(-1)?.[0] ?? 0) + 1
        await nextTurn()
      }
      const after = read()
      if (after?.highestModSeq === before.highestModSeq) return imageOf(after, rows)
    }
    return this.#readAtOnce(read)
  }
}

function imageOf(mailbox: Mailbox, rows: readonly PlacementColumns[]): MailboxImage {
  const uids = new Uint32Array(rows.length)
  const flags = new Uint32Array(rows.length)
  const modSeqs = new Float64Array(rows.length)
  for (const [index, [uid, packed, modSeq]] of rows.entries()) {
    uids[index] = uid
    flags[index] = packed
    modSeqs[index] = modSeq
  }
  return { mailbox, uids, flags, modSeqs }
}

/** Later changes over earlier ones; ascending uids stay ascending, since new ones are always higher. */
function folded(image: MailboxImage, changes: readonly MessagesChange[]): MailboxImage {
  const arrivals = changes.reduce((sum, change) => sum + change.arrived.uids.length, 0)
  const room = image.uids.length + arrivals
  const uids = grown(new Uint32Array(room), image.uids)
  const flags = grown(new Uint32Array(room), image.flags)
  const modSeqs = grown(new Float64Array(room), image.modSeqs)
  let length = image.uids.length
  const gone = new Set<number>()
  for (const { arrived, flagged, expunged, modSeq } of changes) {
    for (const [index, uid] of arrived.uids.entries()) {
      uids[length] = uid
      flags[length] = arrived.flags[index] ?? 0
      modSeqs[length++] = modSeq
    }
    for (const [index, uid] of flagged.uids.entries()) {
      const at = indexOfUid(uids, length, uid)
      if (at < 0) continue
      flags[at] = flagged.flags[index] ?? 0
      modSeqs[at] = modSeq
    }
    for (const uid of expunged) gone.add(uid)
  }
  const kept = gone.size === 0 ? length : squeeze(uids, flags, modSeqs, length, gone)
  const highestModSeq = changes.at(-1)?.modSeq ?? image.mailbox.highestModSeq
  return {
    mailbox: { ...image.mailbox, highestModSeq },
    uids: uids.subarray(0, kept),
    flags: flags.subarray(0, kept),
    modSeqs: modSeqs.subarray(0, kept),
  }
}

function grown<T extends Uint32Array | Float64Array>(larger: T, before: T): T {
  larger.set(before)
  return larger
}

function squeeze(
  uids: Uint32Array,
  flags: Uint32Array,
  modSeqs: Float64Array,
  length: number,
  gone: ReadonlySet<number>,
): number {
  let kept = 0
  for (let index = 0; index < length; index++) {
    const uid = uids[index] ?? 0
    if (gone.has(uid)) continue
    uids[kept] = uid
    flags[kept] = flags[index] ?? 0
    modSeqs[kept++] = modSeqs[index] ?? 0
  }
  return kept
}

function indexOfUid(uids: Uint32Array, length: number, uid: number): number {
  let low = 0
  let high = length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = uids[middle] ?? 0
    if (found === uid) return middle
    if (found < uid) low = middle + 1
    else high = middle - 1
  }
  return -1
}
