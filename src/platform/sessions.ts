import type { Clock } from '../ports/runtime.ts'

const lookEveryMs = 1000

/** All clients of one protocol: one look at the clock for all of them, and one good-bye. */
export class Sessions<Session> {
  readonly #clock: Clock
  readonly #checkTime: (session: Session, now: number) => void
  readonly #open = new Map<Session, Promise<void>>()
  /** Ends the watch over the time, which runs while there is somebody to watch. */
  #watch: AbortController | undefined

  /** `checkTime` ends what takes too long; it is called for each once a second. */
  constructor(clock: Clock, checkTime: (session: Session, now: number) => void) {
    this.#clock = clock
    this.#checkTime = checkTime
  }

  get count(): number {
    return this.#open.size
  }

  async run(session: Session, serve: (session: Session) => Promise<void>): Promise<void> {
    const served = serve(session)
    this.#open.set(session, served)
    if (!this.#watch) {
      this.#watch = new AbortController()
      void this.#watchTime(this.#watch.signal)
    }
    await served
    this.#open.delete(session)
    if (this.#open.size > 0) return
    this.#watch.abort()
    this.#watch = undefined
  }

  /** `tell` makes a session end soon; resolves when the last one has gone. */
  async drain(tell: (session: Session) => void): Promise<void> {
    for (const session of this.#open.keys()) tell(session)
    await Promise.all(this.#open.values())
  }

  async #watchTime(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(lookEveryMs, signal)
      const now = this.#clock.now()
      for (const session of this.#open.keys()) this.#checkTime(session, now)
    }
  }
}
