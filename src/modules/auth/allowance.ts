import type { Allowance } from '../../ports/addresses.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { User } from './directory/rows.ts'
import { MovingWindow, type Rate, type StoredMarks } from './limits/moving-window.ts'

/**
 * How many messages each user may send: what MESSAGE_RATELIMIT says, or his own limit. Counted are messages that were accepted,
 * however many recipients they have. An own limit is for him what it says, also where the server exempts him.
 */
export class SendingAllowance {
  readonly kind = 'sent-messages'
  readonly #standard: Rate | undefined
  readonly #exempt: ReadonlySet<string>
  readonly #clock: Clock
  /** By rate: `200/86400`. */
  readonly #windows = new Map<string, MovingWindow>()

  constructor(standard: Rate | undefined, exempt: readonly string[], clock: Clock) {
    this.#standard = standard
    this.#exempt = new Set(exempt.map((login) => login.toLowerCase()))
    this.#clock = clock
  }

  /** Kept by account, so that a renamed user has sent what he has sent. */
  spend(user: User): Allowance {
    const rate = this.#rateOf(user)
    if (!rate) return { kind: 'granted' }
    const window = this.#windowOf(rate)
    const now = this.#clock.now()
    const name = String(user.account)
    if (window.spend(name, 1, now)) return { kind: 'granted' }
    return { kind: 'spent', retryAfterSeconds: window.secondsToRoom(name, 1, now) }
  }

  /** As it is to be stored: the name is the account and the rate. */
  takeChanged(now: number): StoredMarks[] {
    return [...this.#windows].flatMap(([rate, window]) =>
      window.takeChanged(now).map((stored) => ({ ...stored, name: `${stored.name} ${rate}` })),
    )
  }

  restore({ name, marks }: Pick<StoredMarks, 'name' | 'marks'>): void {
    const [, account, count, seconds] = /^(\d+) (\d+)\/(\d+)$/.exec(name) ?? []
    if (account === undefined) return
    this.#windowOf({ count: Number(count), seconds: Number(seconds) }).restore({ name: account, marks })
  }

  #rateOf({ messageRate, address }: User): Rate | undefined {
    if (messageRate === 'unlimited') return undefined
    if (messageRate !== 'standard') return messageRate
    return this.#exempt.has(address) ? undefined : this.#standard
  }

  #windowOf(rate: Rate): MovingWindow {
    const key = `${rate.count}/${rate.seconds}`
    const window = this.#windows.get(key) ?? new MovingWindow(this.kind, rate)
    this.#windows.set(key, window)
    return window
  }
}
