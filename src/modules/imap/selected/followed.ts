import type { FlagState, Uid } from '../../../ports/mail-store.ts'
import type { SearchKey } from '../wire/search-key.ts'
import type { SortKey } from '../wire/sort-keys.ts'
import type { ImageWatcher, SharedImage } from './image.ts'

/** A search whose result the client hears changes of. RFC 5267 §4.3. */
export interface FollowedSearch {
  readonly tag: string
  readonly key: SearchKey
  readonly naming: 'number' | 'uid'
  /** What an ESEARCH response says of the mailbox: nothing where it can only be the selected one. */
  readonly place: string
  /** Undefined: in the order of the mailbox. */
  readonly sort: readonly SortKey[] | undefined
  /** As the client has it, in its order. */
  uids: readonly Uid[]
  /** Messages up to here were looked at. */
  seenUid: Uid
}

const mostSearches = 20

/** All searches that a client follows in its selected mailbox, and what happened there since it was last told. */
export class Followed implements ImageWatcher {
  readonly searches = new Map<string, FollowedSearch>()
  readonly #image: SharedImage
  #flagged = new Set<Uid>()
  #gone = new Set<Uid>()

  constructor(image: SharedImage) {
    this.#image = image
    image.watchers.add(this)
  }

  close(): void {
    this.#image.watchers.delete(this)
  }

  get isFull(): boolean {
    return this.searches.size >= mostSearches
  }

  get hasNews(): boolean {
    if (this.#flagged.size > 0 || this.#gone.size > 0) return this.searches.size > 0
    return [...this.searches.values()].some(({ seenUid }) => seenUid < this.#image.lastUid)
  }

  takeFlagged(): ReadonlySet<Uid> {
    const flagged = this.#flagged
    this.#flagged = new Set()
    return flagged
  }

  takeGone(): ReadonlySet<Uid> {
    const gone = this.#gone
    this.#gone = new Set()
    return gone
  }

  arrived(): void {
    // What was looked at says it.
  }

  flagged(states: readonly FlagState[]): void {
    if (this.searches.size > 0) for (const { uid } of states) this.#flagged.add(uid)
  }

  expunging(uids: readonly Uid[]): void {
    for (const uid of uids) {
      this.#flagged.delete(uid)
      this.#gone.add(uid)
    }
  }

  settled(): void {
    // The numbering tells the session.
  }

  deleted(): void {
    // The session ends.
  }
}
