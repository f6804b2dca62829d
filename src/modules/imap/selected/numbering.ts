import type { FlagState, ModSeq, PackedFlags, Uid } from '../../../ports/mail-store.ts'
import type { ImageWatcher, SharedImage } from './image.ts'

/**
 * How one client counts: the shared image, minus what it was not told yet (new messages), plus what it still counts though it
 * is gone (`#ghosts`). Translates between sequence numbers and uids. RFC 9051 §2.3.1.2, §7.5.1.
 *
 * Invariant: what the client counts is, ascending by uid, the image's messages up to `#knownUid` and the ghosts.
 */
export class Numbering implements ImageWatcher {
  readonly image: SharedImage
  /** What SELECT may promise: all up to this was counted when it began. */
  readonly openedModSeq: ModSeq
  /** The largest uid when it began. */
  readonly openedUid: Uid
  readonly #onChange: () => void
  #knownUid: Uid
  /** Messages of the image that the client knows. */
  #knownCount: number
  readonly #ghosts: FlagState[] = []
  #pendingFlags: Set<Uid> | undefined
  #gone = false

  constructor(image: SharedImage, onChange: () => void) {
    this.image = image
    this.#onChange = onChange
    this.openedUid = image.lastUid
    this.#knownUid = image.lastUid
    this.#knownCount = image.count
    this.openedModSeq = image.highestModSeq
    image.watchers.add(this)
  }

  close(): void {
    this.image.watchers.delete(this)
  }

  /** The largest uid that the client was told about by EXISTS. */
  get knownUid(): Uid {
    return this.#knownUid
  }

  /** What the client believes EXISTS to be. */
  get count(): number {
    return this.#knownCount + this.#ghosts.length
  }

  /** The mailbox was deleted by somebody. */
  get gone(): boolean {
    return this.#gone
  }

  get hasNews(): boolean {
    return this.#ghosts.length > 0 || this.hasArrivals || this.#pendingFlags !== undefined || this.#gone
  }

  get hasArrivals(): boolean {
    return this.#knownCount < this.image.count
  }

  get hasGhosts(): boolean {
    return this.#ghosts.length > 0
  }

  /** The largest uid that the client can know. */
  get lastUid(): Uid {
    return Math.max(this.#knownUid, this.image.lastUid)
  }

  uidAt(number: number): Uid | undefined {
    const index = number - 1
    if (index < 0 || index >= this.count) return undefined
    // The ghosts before this number: ghost i stands at rank(ghost) + i.
    let low = 0
    let high = this.#ghosts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ghostIndex(middle) < index) low = middle + 1
      else high = middle
    }
    const ghost = this.#ghosts[low]
    return ghost && this.#ghostIndex(low) === index ? ghost.uid : this.image.uidAt(index - low)
  }

  /** Undefined for a message that the client was not told about. */
  numberOf(uid: Uid): number | undefined {
    if (uid > this.#knownUid) return undefined
    const rank = this.image.rank(uid)
    const ghosts = this.#ghosts.length === 0 ? 0 : this.#ghostsBelow(uid)
    const counted = this.image.uidAt(rank) === uid || this.#ghosts[ghosts]?.uid === uid
    return counted ? rank + ghosts + 1 : undefined
  }

  /** A message that is gone but still counted, as it was. */
  ghost(uid: Uid): FlagState | undefined {
    const ghost = this.#ghosts[this.#ghostsBelow(uid)]
    return ghost?.uid === uid ? ghost : undefined
  }

  /** Flags as they are now, for counted messages. */
  stateOf(uid: Uid): { flags: PackedFlags; modSeq: ModSeq } | undefined {
    const index = this.image.indexOf(uid)
    if (index === undefined) return this.ghost(uid)
    return { flags: this.image.flagsAt(index), modSeq: this.image.modSeqAt(index) }
  }

  /** Uids the client counts from number `first` to `last`, ascending, put behind those in `uids`. */
  uidsBetweenNumbers(first: number, last: number, uids: Uid[] = []): Uid[] {
    const from = Math.max(first, 1)
    const end = Math.min(last, this.count)
    if (this.#ghosts.length === 0) {
      this.image.takeUids(from - 1, end, uids)
      return uids
    }
    for (let number = from; number <= end; number++) uids.push(this.uidAt(number) ?? 0)
    return uids
  }

  /** Uids in use from `first` to `last`, those included that the client was not told about, ghosts not. */
  uidsBetween(first: Uid, last: Uid, uids: Uid[] = []): Uid[] {
    this.image.takeUids(this.image.rank(first), this.image.rank(last + 1), uids)
    return uids
  }

  /** The same with the ghosts, ascending: all of which no client must be told yet that they are gone. */
  heldBetween(first: Uid, last: Uid): Uid[] {
    const uids = this.uidsBetween(first, last)
    if (this.#ghosts.length === 0) return uids
    const ghosts = this.#ghosts.filter(({ uid }) => uid >= first && uid <= last)
    return [...uids, ...ghosts.map(({ uid }) => uid)].sort((a, b) => a - b)
  }

  /** Whether the message is there, or still counted. */
  holds(uid: Uid): boolean {
    return this.image.indexOf(uid) !== undefined || this.ghost(uid) !== undefined
  }

  /** The client was told of these flags in another way: its own STORE, or a FETCH. */
  forgetFlags(uid: Uid): void {
    if (this.#pendingFlags?.delete(uid) && this.#pendingFlags.size === 0) this.#pendingFlags = undefined
  }

  /**
   * Tells of what is gone; returns the numbers in an order in which each is right: the largest first. RFC 9051 §7.5.1. What is
   * left for the next time is still counted.
   */
  takeExpunges(atMost = Number.POSITIVE_INFINITY): { number: number; uid: Uid }[] {
    const out: { number: number; uid: Uid }[] = []
    const left = Math.max(this.#ghosts.length - atMost, 0)
    for (let index = this.#ghosts.length - 1; index >= left; index--) {
      out.push({ number: this.#ghostIndex(index) + 1, uid: this.#ghosts[index]?.uid ?? 0 })
    }
    this.#ghosts.length = left
    return out
  }

  /** Tells of new messages; returns the new EXISTS, undefined where there are none. */
  takeArrivals(): number | undefined {
    if (!this.hasArrivals) return undefined
    this.#knownUid = this.image.lastUid
    this.#knownCount = this.image.count
    return this.count
  }

  /** Messages whose flags others changed, ascending; of more than `atMost`, those that changed first. */
  takeFlagChanges(atMost = Number.POSITIVE_INFINITY): Uid[] {
    const uids: Uid[] = []
    for (const uid of this.#pendingFlags ?? []) {
      if (uids.length >= atMost) break
      uids.push(uid)
    }
    for (const uid of uids) this.forgetFlags(uid)
    return uids.sort((a, b) => a - b)
  }

  arrived(): void {
    // Nothing to keep: the difference between the image and what is known says it.
  }

  flagged(states: readonly FlagState[]): void {
    for (const { uid } of states) {
      if (uid > this.#knownUid) continue
      this.#pendingFlags ??= new Set()
      this.#pendingFlags.add(uid)
    }
  }

  expunging(uids: readonly Uid[]): void {
    const gone: FlagState[] = []
    for (const uid of uids) {
      const index = this.image.indexOf(uid)
      if (index === undefined || uid > this.#knownUid) continue
      gone.push({ uid, flags: this.image.flagsAt(index), modSeq: this.image.modSeqAt(index) })
      this.forgetFlags(uid)
    }
    if (gone.length === 0) return
    this.#knownCount -= gone.length
    const last = this.#ghosts.at(-1)
    const unordered = last !== undefined && last.uid > (gone[0]?.uid ?? 0)
    for (const ghost of gone) this.#ghosts.push(ghost)
    if (unordered) this.#ghosts.sort((a, b) => a.uid - b.uid)
  }

  settled(): void {
    this.#onChange()
  }

  deleted(): void {
    this.#gone = true
    this.#onChange()
  }

  /** Where ghost `index` stands among all that the client counts. */
  #ghostIndex(index: number): number {
    return this.image.rank(this.#ghosts[index]?.uid ?? 0) + index
  }

  #ghostsBelow(uid: Uid): number {
    let low = 0
    let high = this.#ghosts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ghosts[middle]?.uid ?? 0) < uid) low = middle + 1
      else high = middle
    }
    return low
  }
}
