import { createHmac, randomBytes } from 'node:crypto'
import { type NetworkSizes, networkOf, withoutMapping } from '../../../lib/network-of.ts'
import type { Networks } from '../../../lib/networks.ts'
import type { SignInLock } from '../../../ports/credentials.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { MovingWindow, type Rate } from '../limits/moving-window.ts'

export interface ThrottleSettings {
  /** Distinct names that may fail from one network; undefined is unlimited. */
  readonly perNetwork: Rate | undefined
  readonly networkSizes: NetworkSizes
  /** Distinct wrong passwords of one name; undefined is unlimited. */
  readonly perAccount: Rate | undefined
  readonly exempt: Networks
  readonly exemptSecondsAfterSuccess: number
}

export interface Locked {
  readonly by: 'network' | 'account'
  readonly retryAfterSeconds: number
}

const forever: Rate = { count: Number.MAX_SAFE_INTEGER, seconds: 3_600 }

/**
 * Slows guessing down, the same on every protocol. Counted are distinct names per network and distinct wrong passwords per
 * name, so that a forgotten client that repeats one mistake locks nobody out. An address from which somebody signed in is
 * exempt for a day: neither tested nor charged. Names that do not exist count like those that do.
 */
export class SignInThrottle {
  readonly windows: readonly MovingWindow[]
  readonly #networks: MovingWindow
  readonly #accounts: MovingWindow
  readonly #known: MovingWindow
  readonly #settings: ThrottleSettings
  readonly #clock: Clock
  // Wrong passwords are often nearly right ones: what is stored of them must be of no use.
  readonly #key = randomBytes(32)

  constructor(settings: ThrottleSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#networks = new MovingWindow('sign-in-network', settings.perNetwork ?? forever)
    this.#accounts = new MovingWindow('sign-in-account', settings.perAccount ?? forever)
    this.#known = new MovingWindow('sign-in-known', { count: 1, seconds: settings.exemptSecondsAfterSuccess })
    this.windows = [this.#networks, this.#accounts, this.#known]
  }

  lockOn(ip: string, login: string): Locked | undefined {
    if (this.#isExempt(ip)) return undefined
    const now = this.#clock.now()
    const network = this.#networkOf(ip)
    if (this.#networks.isFull(network, now)) {
      return { by: 'network', retryAfterSeconds: this.#networks.secondsToRoom(network, 1, now) }
    }
    if (this.#accounts.isFull(login, now)) {
      return { by: 'account', retryAfterSeconds: this.#accounts.secondsToRoom(login, 1, now) }
    }
    return undefined
  }

  failed(ip: string, login: string, password: string): void {
    if (this.#isExempt(ip)) return
    const now = this.#clock.now()
    if (this.#settings.perAccount) this.#accounts.mark(login, this.#fingerprint(login, password), now)
    if (this.#settings.perNetwork) this.#networks.mark(this.#networkOf(ip), login, now)
  }

  /** An attempt without a name; every time counts. */
  strike(ip: string): void {
    if (this.#isExempt(ip) || !this.#settings.perNetwork) return
    this.#networks.mark(this.#networkOf(ip), randomBytes(6).toString('hex'), this.#clock.now())
  }

  succeeded(ip: string): void {
    if (this.#settings.exemptSecondsAfterSuccess > 0)
      this.#known.mark(withoutMapping(ip), '', this.#clock.now())
  }

  locks(): readonly SignInLock[] {
    const now = this.#clock.now()
    const locked = (kind: SignInLock['kind'], window: MovingWindow) =>
      window
        .full(now)
        .map((who): SignInLock => ({ kind, who, retryAfterSeconds: window.secondsToRoom(who, 1, now) }))
    return [...locked('network', this.#networks), ...locked('login', this.#accounts)]
  }

  /** By login, by a network as `locks` names it, or by an address in it. */
  unlock(who: string): boolean {
    const names = [who, who.toLowerCase(), this.#networkOf(who)]
    const known = names.map((name) => [this.#accounts.forget(name), this.#networks.forget(name)])
    return known.flat().includes(true)
  }

  #isExempt(ip: string): boolean {
    const plain = withoutMapping(ip)
    return this.#settings.exempt.has(plain) || this.#known.has(plain, this.#clock.now())
  }

  #networkOf(ip: string): string {
    return networkOf(ip, this.#settings.networkSizes)
  }

  #fingerprint(login: string, password: string): string {
    return createHmac('sha256', this.#key).update(`${login}\0${password}`).digest('hex').slice(0, 6)
  }
}
