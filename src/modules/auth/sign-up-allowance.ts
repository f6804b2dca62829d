import type { Clock } from '../../ports/runtime.ts'
import { MovingWindow } from './limits/moving-window.ts'

const day = 86_400
/** What comes of it, from one network. */
const perNetwork = { count: 3, seconds: day }
/** Also those that come to nothing: nobody reads here who is taken. */
const triesPerNetwork = { count: 20, seconds: 3_600 }

/** What a stranger may call himself: no sign that means something to a mail program, or to `user+folder`. */
export const strangersName = /^(?=.{1,64}$)[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** How often strangers may make something here. In place of letters in a picture: patience. */
export class SignUpAllowance {
  readonly #tries: MovingWindow
  readonly #made: MovingWindow
  readonly #all: MovingWindow
  readonly #clock: Clock

  /** Of `what`, all strangers together make `perDay`. */
  constructor(what: string, perDay: number, clock: Clock) {
    this.#tries = new MovingWindow(`${what}-tries`, triesPerNetwork)
    this.#made = new MovingWindow(`${what}s`, perNetwork)
    this.#all = new MovingWindow(`${what}s-here`, { count: perDay, seconds: day })
    this.#clock = clock
  }

  /** In seconds, 0 where nobody has to; a try counts, whatever comes of it. */
  waitToTry(network: string): number {
    const now = this.#clock.now()
    const full = this.#secondsToRoom(network, now)
    if (full > 0) return full
    return this.#tries.spend(network, 1, now) ? 0 : this.#tries.secondsToRoom(network, 1, now)
  }

  /** Right before it is made: who asks ten times at once is one who asks ten times. In seconds, 0 where it may be made. */
  waitToMake(network: string): number {
    const now = this.#clock.now()
    const full = this.#secondsToRoom(network, now)
    if (full > 0) return full
    this.#made.spend(network, 1, now)
    this.#all.spend('', 1, now)
    return 0
  }

  #secondsToRoom(network: string, now: number): number {
    return Math.max(this.#made.secondsToRoom(network, 1, now), this.#all.secondsToRoom('', 1, now))
  }
}
