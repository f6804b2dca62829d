import type { Way } from '../../../ports/outgoing-queue.ts'
import type { Clock } from '../../../ports/runtime.ts'

/** How a destination wants to be treated. Mailu's transports of these names. */
export interface Pace {
  /** Visits at once. */
  readonly visits: number
  /** Recipients of one message in one transaction. */
  readonly recipients: number
  /** Between two messages. */
  readonly pauseMs: number
}

export type PaceName = 'polite' | 'turtle'

const named: Readonly<Record<PaceName, Pace>> = {
  polite: { visits: 3, recipients: 20, pauseMs: 0 },
  turtle: { visits: 1, recipients: 1, pauseMs: 5_000 },
}

/** Keeps to the pace of each destination; those without one get `standard`. */
export class Paces {
  readonly #standard: Pace
  readonly #slow: ReadonlyMap<Way, PaceName>
  readonly #clock: Clock
  readonly #lastAt = new Map<Way, number>()

  constructor(standard: Pace, slow: ReadonlyMap<Way, PaceName>, clock: Clock) {
    this.#standard = standard
    this.#slow = slow
    this.#clock = clock
  }

  of(way: Way): Pace {
    const name = this.#slow.get(way)
    return name ? named[name] : this.#standard
  }

  /** Until the next message may go there. */
  async pause(way: Way, signal: AbortSignal): Promise<void> {
    const { pauseMs } = this.of(way)
    if (pauseMs === 0) return
    const now = this.#clock.now()
    const from = Math.max(now, (this.#lastAt.get(way) ?? Number.NEGATIVE_INFINITY) + pauseMs)
    this.#lastAt.set(way, from)
    if (from > now) await this.#clock.sleep(from - now, signal)
  }
}
