import { nextTurn } from '../../../platform/next-turn.ts'

const turnMs = 2

/** Long work on the main thread: every two milliseconds it is the turn of others. */
export class Turns {
  #since = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#since < turnMs) return
    await nextTurn()
    this.#since = performance.now()
  }
}
