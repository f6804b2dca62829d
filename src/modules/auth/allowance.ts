import type { Address } from '../../lib/address.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Allowance } from '../../ports/addresses.ts'
import type { Clock } from '../../ports/runtime.ts'
import { MovingWindow, type Rate } from './limits/moving-window.ts'

/** How many messages each user may send. Counted are messages that were accepted, however many recipients they have. */
export class SendingAllowance {
  readonly windows: readonly MovingWindow[]
  readonly #window: MovingWindow | undefined
  readonly #exempt: ReadonlySet<string>
  readonly #clock: Clock

  constructor(rate: Rate | undefined, exempt: readonly string[], clock: Clock) {
    this.#window = rate && new MovingWindow('sent-messages', rate)
    this.windows = this.#window ? [this.#window] : []
    this.#exempt = new Set(exempt.map((login) => login.toLowerCase()))
    this.#clock = clock
  }

  /** Kept by account, so that a renamed user has sent what he has sent. */
  spend({ account, address }: { account: AccountId; address: Address }): Allowance {
    const window = this.#window
    if (!window || this.#exempt.has(address)) return { kind: 'granted' }
    const now = this.#clock.now()
    const name = String(account)
    if (window.spend(name, 1, now)) return { kind: 'granted' }
    return { kind: 'spent', retryAfterSeconds: window.secondsToRoom(name, 1, now) }
  }
}
