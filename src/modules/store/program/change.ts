import { flagBits } from '../../../lib/flags.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { StoredChange } from '../operations.ts'
import type { MailboxRow, PlacementRow, Sql } from './sql.ts'

/**
 * One transaction's work on mailboxes. Rows are written at once; the counters of mailboxes and accounts once at the end.
 *
 * Invariants: an account's modseq rises by one per transaction that touches it; every touched placement and mailbox carries
 * it; a mailbox row always equals the recount of its placements; uids only rise.
 */
export class Change {
  readonly #sql: Sql
  readonly #now: number
  readonly #modSeqs = new Map<number, number>()
  readonly #mailboxes = new Map<number, MailboxChange>()
  readonly #lists = new Map<number, number[]>()

  constructor(sql: Sql, now: number) {
    this.#sql = sql
    this.#now = now
  }

  modSeq(account: number): number {
    const known = this.#modSeqs.get(account)
    if (known !== undefined) return known
    const next = this.#sql.nextModSeq.get(account)
    if (next === undefined) throw new Error(`no account ${account}`)
    this.#modSeqs.set(account, next)
    return next
  }

  mailbox(row: MailboxRow): MailboxChange {
    const known = this.#mailboxes.get(row.id)
    if (known) return known
    const made = new MailboxChange(this.#sql, row, this.modSeq(row.account), this.#now)
    this.#mailboxes.set(row.id, made)
    return made
  }

  /** The list of mailboxes itself has changed. */
  mailboxList(account: number, deleted: readonly number[] = []): void {
    this.modSeq(account)
    this.#lists.set(account, [...(this.#lists.get(account) ?? []), ...deleted])
    for (const id of deleted) this.#mailboxes.delete(id)
  }

  /** Writes the counters; what changed, for those who watch. */
  finish(): StoredChange[] {
    const lists = [...this.#lists].map(([account, deleted]): StoredChange => {
      return { kind: 'mailboxes', account: account as AccountId, modSeq: this.modSeq(account), deleted }
    })
    return [...lists, ...[...this.#mailboxes.values()].flatMap((mailbox) => mailbox.finish())]
  }
}

/** A message of another mailbox is one too. */
type NewPlacement = Pick<PlacementRow, 'email' | 'flags' | 'size' | 'received_at'>

export class MailboxChange {
  readonly row: MailboxRow
  readonly modSeq: number
  readonly #sql: Sql
  readonly #now: number
  #nextUid: number
  #messages = 0
  #unseen = 0
  #deleted = 0
  #bytes = 0
  readonly #arrived = { uids: [] as number[], flags: [] as number[] }
  readonly #flagged = { uids: [] as number[], flags: [] as number[] }
  readonly #expunged: number[] = []

  constructor(sql: Sql, row: MailboxRow, modSeq: number, now: number) {
    this.#sql = sql
    this.row = row
    this.modSeq = modSeq
    this.#now = now
    this.#nextUid = row.uidnext
  }

  place({ email, flags, size, received_at }: NewPlacement): number {
    const uid = this.#nextUid++
    this.#sql.insertPlacement.run(this.row.id, uid, email, flags, this.modSeq, size, received_at, this.#now)
    this.#count(1, flags, size)
    this.#arrived.uids.push(uid)
    this.#arrived.flags.push(flags)
    return uid
  }

  setFlags(placement: PlacementRow, flags: number): void {
    this.#sql.setFlags.run(flags, this.modSeq, this.row.id, placement.uid)
    this.#count(-1, placement.flags, placement.size)
    this.#count(1, flags, placement.size)
    this.#flagged.uids.push(placement.uid)
    this.#flagged.flags.push(flags)
  }

  expunge(placement: PlacementRow): void {
    const { uid, email, flags, size } = placement
    this.#sql.deletePlacement.run(this.row.id, uid)
    this.#sql.logExpunge.run(this.row.id, this.modSeq, uid, email, flags, this.#now)
    this.#count(-1, flags, size)
    this.#expunged.push(uid)
  }

  finish(): StoredChange[] {
    const { account, id, uidnext } = this.row
    if (this.#arrived.uids.length + this.#flagged.uids.length + this.#expunged.length === 0) return []
    this.#sql.countMailbox.run(
      this.#nextUid - uidnext,
      this.modSeq,
      this.#messages,
      this.#unseen,
      this.#deleted,
      this.#bytes,
      id,
    )
    if (this.#messages !== 0 || this.#bytes !== 0)
      this.#sql.addUsage.run(this.#bytes, this.#messages, account)
    return [
      {
        kind: 'messages',
        account: account as AccountId,
        mailbox: id,
        modSeq: this.modSeq,
        arrived: this.#arrived,
        flagged: this.#flagged,
        expunged: this.#expunged,
        bytes: this.#bytes,
        messages: this.#messages,
      },
    ]
  }

  #count(sign: 1 | -1, flags: number, size: number): void {
    this.#messages += sign
    this.#bytes += sign * size
    if ((flags & flagBits['\\Seen']) === 0) this.#unseen += sign
    if ((flags & flagBits['\\Deleted']) !== 0) this.#deleted += sign
  }
}
