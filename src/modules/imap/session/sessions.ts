import type { Clock } from '../../../ports/runtime.ts'
import { patience } from './limits.ts'
import type { Session } from './session.ts'

const lookEveryMs = 1000

/** All clients there are: one look at the clock for all of them, and one good-bye. */
export class Sessions {
  readonly #clock: Clock
  readonly #open = new Map<Session, Promise<void>>()
  /** Ends the watch over the time, which runs while there is somebody to watch. */
  #watch: AbortController | undefined

  constructor(clock: Clock) {
    this.#clock = clock
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

  async drain(): Promise<void> {
    for (const session of this.#open.keys()) session.leave('The service restarts; come back in a minute')
    await Promise.all(this.#open.values())
  }

  async #watchTime(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(lookEveryMs, signal)
      const now = this.#clock.now()
      for (const session of this.#open.keys()) checkTime(session, now)
    }
  }
}

/** Ends what takes too long; shows sleeping clients that we are here. */
function checkTime(session: Session, now: number): void {
  const secondsSince = (then: number | undefined): number => (then === undefined ? 0 : (now - then) / 1000)
  // A client that does not read hears no good-bye either.
  if (secondsSince(session.out.blockedSince) > patience.output) session.abort()
  else if (secondsSince(session.reader.busySince) > Math.max(patience.command, session.patienceSeconds)) {
    session.leave('That took too long')
    session.reader.stop()
  } else if (!session.user && secondsSince(session.connectedAt) > patience.beforeLogin) {
    session.leave('Nobody signed in')
    session.reader.stop()
  } else if (session.waiting && secondsSince(session.lastHeardAt) > patience.idle) {
    session.leave('Nothing happened for a long time')
  } else if (session.onNews && secondsSince(session.lastSaidAt) > patience.stillHere) {
    session.out.line('* OK Still here')
    session.flush()
  }
}
