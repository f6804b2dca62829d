import type { FetchTally } from '../../ports/fetching.ts'
import type { Bookmarks } from './bookmarks.ts'
import type { Job } from './job.ts'
import type { Place } from './reach.ts'
import type { Taken, Taker } from './taker.ts'
import { type Sentence, troubles } from './trouble.ts'

/** What a visit works with. */
export interface VisitParts {
  readonly job: Job
  readonly origin: string
  readonly place: Place
  readonly taker: Taker
  readonly bookmarks: Bookmarks
  /** Ends when time is up, or the server stops. */
  readonly signal: AbortSignal
}

/** Looks into one mailbox elsewhere. */
export class Visit {
  readonly parts: VisitParts
  #taken = 0
  #left = 0
  #why: Sentence | undefined

  constructor(parts: VisitParts) {
    this.parts = parts
  }

  get tally(): FetchTally {
    const { text: why = '', said } = this.#why ?? {}
    return { taken: this.#taken, left: this.#left, why, ...(said && { said }) }
  }

  note(taken: Taken): void {
    if (taken.kind === 'taken') this.#taken++
    else {
      this.#left++
      this.#why = taken.why
    }
  }

  /** Between two messages. */
  mayGoOn(): void {
    if (this.parts.signal.aborted)
      throw this.parts.signal.reason === 'ending' ? troubles.ending() : troubles.long()
  }
}
