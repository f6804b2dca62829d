import type { Clock } from '../../../ports/runtime.ts'

/** Why a sleep ends; without a reason an error is made for each. */
const over = 'over'

/** The end of one wait after another. Nearly all end long before it, so one sleep serves many: it looks for the next when it wakes. */
export class Deadline {
  readonly #clock: Clock
  readonly #late: (limitMs: number) => void
  #limitMs = 0
  /** Undefined: nobody waits. */
  #until: number | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  #sleep: AbortController | undefined

  /** `late` hears of the limit that was not kept. */
  constructor(clock: Clock, late: (limitMs: number) => void) {
    this.#clock = clock
    this.#late = late
  }

  set(limitMs: number): void {
    this.#limitMs = limitMs
    this.#until = this.#clock.now() + limitMs
    if (this.#until < this.#wakesAt) void this.#sleepUntil(this.#until)
  }

  clear(): void {
    this.#until = undefined
  }

  /** Nothing of it is left. */
  end(): void {
    this.clear()
    this.#sleep?.abort(over)
    this.#wakesAt = Number.POSITIVE_INFINITY
  }

  async #sleepUntil(at: number): Promise<void> {
    this.#sleep?.abort(over)
    const sleep = new AbortController()
    this.#sleep = sleep
    this.#wakesAt = at
    await this.#clock.sleep(at - this.#clock.now(), sleep.signal)
    if (sleep.signal.aborted) return
    this.#wakesAt = Number.POSITIVE_INFINITY
    if (this.#until === undefined) return
    if (this.#until > this.#clock.now()) void this.#sleepUntil(this.#until)
    else this.#late(this.#limitMs)
  }
}
