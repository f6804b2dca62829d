/** Those known go ahead of strangers, and have a queue of their own. */
export type Who = 'known' | 'stranger'

/** Lets a few works run at once and a number of them wait. */
export class Lane {
  readonly #atOnce: number
  readonly #maxWaiting: number
  readonly #ahead: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ atOnce, maxWaiting }: { readonly atOnce: number; readonly maxWaiting: number }) {
    this.#atOnce = atOnce
    this.#maxWaiting = maxWaiting
  }

  /** Waits for its turn, however long. */
  async run<T>(work: () => Promise<T>, who: Who = 'stranger'): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn(who)
    else this.#running++
    try {
      return await work()
    } finally {
      // Handed on without going down, so that nobody gets in between.
      const next = this.#ahead.shift() ?? this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  /** True where too many wait already. */
  isFull(who: Who): boolean {
    return (who === 'known' ? this.#ahead : this.#waiting).length >= this.#maxWaiting
  }

  #turn(who: Who): Promise<void> {
    const queue = who === 'known' ? this.#ahead : this.#waiting
    return new Promise((resolve) => queue.push(resolve))
  }
}
