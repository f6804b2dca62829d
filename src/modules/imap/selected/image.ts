import { keywordSetOf } from '../../../lib/flags.ts'
import type { FlagState, Mailbox, MailboxImage, ModSeq, PackedFlags, Uid } from '../../../ports/mail-store.ts'
import { lowerBound } from './search.ts'

/** Who has the mailbox open. Called in the order things happened, before the change is visible in the image. */
export interface ImageWatcher {
  arrived(): void
  flagged(states: readonly FlagState[]): void
  /** The message is still in the image while this is called. */
  expunging(uids: readonly Uid[]): void
  /** All of one event was told. */
  settled(): void
  /** The mailbox is gone. */
  deleted(): void
}

/**
 * Who is in a mailbox, as of the last committed change: one for all sessions that have it open. Parallel typed arrays,
 * ascending by uid, so that a million messages take 16 MB once. The store's own arrays until the first change.
 */
export class SharedImage {
  readonly mailbox: Mailbox
  readonly watchers = new Set<ImageWatcher>()
  /** Every keyword set seen since it was opened: what FLAGS announces. Only grows. */
  readonly keywordSets = new Set([0])
  #uids: Uint32Array
  #flags: Uint32Array
  #modSeqs: Float64Array
  #count: number
  #lastRank = 0
  #owned = false
  #highestModSeq: ModSeq
  #uidNext: Uid

  constructor({ mailbox, uids, flags, modSeqs }: MailboxImage) {
    this.mailbox = mailbox
    this.#uids = uids
    this.#flags = flags
    this.#modSeqs = modSeqs
    this.#count = uids.length
    this.#highestModSeq = mailbox.highestModSeq
    this.#uidNext = mailbox.uidNext
    let last = 0
    for (const packed of flags) {
      const set = keywordSetOf(packed)
      if (set !== last) this.keywordSets.add(set)
      last = set
    }
  }

  get count(): number {
    return this.#count
  }

  get highestModSeq(): ModSeq {
    return this.#highestModSeq
  }

  get uidNext(): Uid {
    return this.#uidNext
  }

  /** The largest uid in use; 0 where there is none. */
  get lastUid(): Uid {
    return this.#uids[this.#count - 1] ?? 0
  }

  uidAt(index: number): Uid {
    return this.#uids[index] ?? 0
  }

  flagsAt(index: number): PackedFlags {
    return this.#flags[index] ?? 0
  }

  modSeqAt(index: number): ModSeq {
    return this.#modSeqs[index] ?? 0
  }

  /** Puts those from index `from` up to `end` behind the ones in `uids`: quicker than one by one. */
  takeUids(from: number, end: number, uids: Uid[]): void {
    let at = uids.length
    uids.length += Math.max(end - from, 0)
    for (let index = from; index < end; index++) uids[at++] = this.#uids[index] ?? 0
  }

  /** Who carries that flag, ascending; those too whom no client was told about. */
  uidsWith(bit: number): Uid[] {
    const uids: Uid[] = []
    for (let index = 0; index < this.#count; index++) {
      if ((this.flagsAt(index) & bit) !== 0) uids.push(this.uidAt(index))
    }
    return uids
  }

  /** Whose counter is higher than that, ascending. */
  uidsAbove(modSeq: ModSeq): Uid[] {
    const uids: Uid[] = []
    for (let index = 0; index < this.#count; index++) {
      if (this.modSeqAt(index) > modSeq) uids.push(this.uidAt(index))
    }
    return uids
  }

  /** How many messages have a smaller uid. Who asks for one uid mostly asks for the next one then. */
  rank(uid: Uid): number {
    const next = this.#lastRank + 1
    if (next < this.#count && this.#uids[next] === uid) this.#lastRank = next
    else if (this.#isRank(this.#lastRank, uid)) return this.#lastRank
    else if (this.#lastRank >= this.#count || this.#uids[this.#lastRank] !== uid) {
      this.#lastRank = lowerBound(this.#uids, uid, this.#count)
    }
    return this.#lastRank
  }

  /** Also of a uid that is gone: those who leave together mostly stood together. */
  #isRank(rank: number, uid: Uid): boolean {
    if (rank > this.#count || (rank < this.#count && this.uidAt(rank) < uid)) return false
    return rank === 0 || this.uidAt(rank - 1) < uid
  }

  /** Undefined where no message has this uid (any more). */
  indexOf(uid: Uid): number | undefined {
    const index = this.rank(uid)
    return index < this.#count && this.#uids[index] === uid ? index : undefined
  }

  /** Takes in one committed change; the same change twice does no harm. */
  apply(change: {
    modSeq: ModSeq
    arrived: readonly FlagState[]
    flagged: readonly FlagState[]
    expunged: readonly Uid[]
  }): void {
    this.#add(change.arrived)
    this.#reflag(change.flagged)
    this.#remove(change.expunged)
    this.#highestModSeq = Math.max(this.#highestModSeq, change.modSeq)
    for (const watcher of this.watchers) watcher.settled()
  }

  #add(arrived: readonly FlagState[]): void {
    const fresh = arrived.filter(({ uid }) => uid >= this.#uidNext)
    if (fresh.length === 0) return
    this.#reserve(this.#count + fresh.length)
    for (const { uid, flags, modSeq } of fresh) {
      this.#uids[this.#count] = uid
      this.#flags[this.#count] = flags
      this.#modSeqs[this.#count] = modSeq
      this.#count++
      this.keywordSets.add(keywordSetOf(flags))
    }
    this.#uidNext = Math.max(this.#uidNext, this.lastUid + 1)
    for (const watcher of this.watchers) watcher.arrived()
  }

  #reflag(flagged: readonly FlagState[]): void {
    const newer: FlagState[] = []
    for (const state of flagged) {
      const index = this.indexOf(state.uid)
      if (index === undefined || this.modSeqAt(index) >= state.modSeq) continue
      this.#own()
      this.#flags[index] = state.flags
      this.#modSeqs[index] = state.modSeq
      this.keywordSets.add(keywordSetOf(state.flags))
      newer.push(state)
    }
    if (newer.length === 0) return
    for (const watcher of this.watchers) watcher.flagged(newer)
  }

  #remove(expunged: readonly Uid[]): void {
    const present = expunged.filter((uid) => this.indexOf(uid) !== undefined).sort((a, b) => a - b)
    const [first] = present
    if (first === undefined) return
    for (const watcher of this.watchers) watcher.expunging(present)
    this.#own()
    // What stays between two that go moves as a whole.
    let to = this.rank(first)
    let from = to + 1
    for (let at = 1; at <= present.length; at++) {
      const next = present[at]
      // Below `next` all are smaller, those too that were moved already.
      const end = next === undefined ? this.#count : lowerBound(this.#uids, next, this.#count)
      if (from < end) {
        for (const column of [this.#uids, this.#flags, this.#modSeqs]) column.copyWithin(to, from, end)
        to += end - from
      }
      from = end + 1
    }
    this.#count = to
    this.#lastRank = 0
  }

  /** The store's arrays are shared with others and never written to. */
  #own(): void {
    if (!this.#owned) this.#copy(this.#count)
  }

  /** Grows by a quarter, so that a busy mailbox is not copied for each message. */
  #reserve(count: number): void {
    if (this.#owned && count <= this.#uids.length) return
    this.#copy(Math.max(count, Math.ceil(this.#uids.length * 1.25) + 16))
  }

  #copy(capacity: number): void {
    this.#owned = true
    const grown = <T extends Uint32Array | Float64Array>(old: T, made: T): T => {
      made.set(old.subarray(0, this.#count))
      return made
    }
    this.#uids = grown(this.#uids, new Uint32Array(capacity))
    this.#flags = grown(this.#flags, new Uint32Array(capacity))
    this.#modSeqs = grown(this.#modSeqs, new Float64Array(capacity))
  }
}
