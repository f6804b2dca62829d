import type { Way } from '../../../ports/outgoing-queue.ts'
import type { Clock } from '../../../ports/runtime.ts'

const enough = 'enough'

/** Visits with an open connection and nothing to send: the next message goes with one of them. */
export class Lingering {
  readonly #clock: Clock
  readonly #waiting = new Map<Way, Set<AbortController>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Until somebody calls, or the time is over. */
  async wait(way: Way, ms: number): Promise<void> {
    const called = new AbortController()
    const others = this.#waiting.get(way) ?? new Set()
    this.#waiting.set(way, others.add(called))
    await this.#clock.sleep(ms, called.signal)
    others.delete(called)
    if (others.size === 0) this.#waiting.delete(way)
  }

  /** False where nobody waits there. */
  call(way: Way): boolean {
    const [first] = this.#waiting.get(way) ?? []
    if (!first) return false
    this.#waiting.get(way)?.delete(first)
    first.abort(enough)
    return true
  }

  callAll(): void {
    for (const way of [...this.#waiting.keys()]) while (this.call(way));
  }
}
