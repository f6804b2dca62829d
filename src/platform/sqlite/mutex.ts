/** One at a time, in the order they came. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()
  #holders = 0

  get locked(): boolean {
    return this.#holders > 0
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.#holders++
    const turn = this.#last.then(task).finally(() => this.#holders--)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Resolves when nobody holds it or waits for it. */
  async unlocked(): Promise<void> {
    while (this.#holders > 0) await this.#last
  }
}
