import { hash, randomInt } from 'node:crypto'
import { type NetworkSizes, networkOf } from '../../../lib/network-of.ts'
import type { Networks } from '../../../lib/networks.ts'
import type { SignInLock } from '../../../ports/credentials.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { DistinctWindow } from '../limits/distinct-window.ts'
import type { Rate } from '../limits/moving-window.ts'

export interface ThrottleSettings {
  /** Distinct names that may fail from one network; undefined is unlimited. */
  readonly perNetwork: Rate | undefined
  readonly networkSizes: NetworkSizes
  /** Distinct wrong passwords of one name; undefined is unlimited. */
  readonly perAccount: Rate | undefined
  readonly exempt: Networks
  readonly exemptSecondsAfterSuccess: number
}

/** Who tries, from where. */
export interface Origin {
  readonly login: string
  readonly ip: string
  /** Of a browser from which this login has signed in; checked already. */
  readonly device?: string | undefined
}

export interface Locked {
  readonly by: 'network' | 'account' | 'place'
  readonly retryAfterSeconds: number
}

interface Where {
  readonly ip: string
  readonly network: string
  /** What is known as one place. */
  readonly address: string
  readonly mark: number
}

/** An address where somebody of us sits may be wrong about so many names more: it may be a whole company, or a carrier's NAT. */
const knownAddressFactor = 10
/** Of one account; the latest. */
const knownPlaces = 32
/** One customer, as providers give addresses out: an IPv6 host changes its own within the /64 every day. */
const placeSizes: NetworkSizes = { v4Bits: 32, v6Bits: 64 }
/** Wrong codes of one account after its password, from wherever: of a million codes three are right at any time. */
const wrongCodes: Rate = { count: 20, seconds: 86_400 }
const maxNames = 20_000
const unlimited: Rate = { count: Number.MAX_SAFE_INTEGER, seconds: 3_600 }

/**
 * Slows guessing down, the same on every protocol. Counted are distinct names per network and distinct wrong passwords per
 * name, so that a forgotten client that repeats one mistake locks nobody out. Names that do not exist count like those that do.
 *
 * Where an account has signed in within a day (a place), and in browsers with its cookie (a device), it is not bound by what
 * others do: neither their network's lock nor the lock of the account holds there, and wrong passwords are counted for that
 * place alone. See docs/adr/005.
 */
export class SignInThrottle {
  readonly windows: readonly DistinctWindow[]
  readonly #networks: DistinctWindow
  /** Of networks, what failed from addresses from which somebody has signed in. */
  readonly #knownNetworks: DistinctWindow
  readonly #accounts: DistinctWindow
  readonly #places: DistinctWindow
  /** Of accounts, codes after the password that were wrong. */
  readonly #codes: DistinctWindow
  /** Of accounts, the places they have signed in from. */
  readonly #known: DistinctWindow
  readonly #knownAddresses: DistinctWindow
  readonly #settings: ThrottleSettings
  readonly #clock: Clock
  readonly #key: () => string
  /** One attempt asks several times. */
  #last: Where | undefined

  /** What is stored of wrong passwords must be of no use, as they are often nearly right ones: hence `key`. */
  constructor(settings: ThrottleSettings, { clock, key }: { clock: Clock; key: () => string }) {
    this.#settings = settings
    this.#clock = clock
    this.#key = key
    const perNetwork = settings.perNetwork ?? unlimited
    const perAccount = settings.perAccount ?? unlimited
    const counting = (kind: string, rate: Rate) =>
      new DistinctWindow({ kind, rate, maxNames, whenFull: 'ignore' })
    const remembering = (kind: string, count: number) =>
      new DistinctWindow({
        kind,
        rate: { count, seconds: settings.exemptSecondsAfterSuccess },
        maxNames,
        whenFull: 'forget-oldest',
      })
    this.#networks = counting('sign-in-network', perNetwork)
    this.#knownNetworks = counting('sign-in-known-network', {
      ...perNetwork,
      count: perNetwork.count * knownAddressFactor,
    })
    this.#accounts = counting('sign-in-account', perAccount)
    this.#places = counting('sign-in-place', perAccount)
    this.#codes = counting('sign-in-codes', wrongCodes)
    this.#known = remembering('sign-in-known', knownPlaces)
    this.#knownAddresses = remembering('sign-in-known-address', 1)
    this.windows = [
      this.#networks,
      this.#knownNetworks,
      this.#accounts,
      this.#places,
      this.#codes,
      this.#known,
      this.#knownAddresses,
    ]
  }

  lockOn(origin: Origin): Locked | undefined {
    if (this.#settings.exempt.has(origin.ip)) return undefined
    const place = this.#placeOf(origin)
    if (place !== undefined) return this.#lock('place', this.#places, place)
    const { network } = this.#whereIs(origin.ip)
    return (
      this.#lock('network', this.#networkWindow(origin.ip), network) ??
      this.#lock('account', this.#accounts, origin.login)
    )
  }

  /** True where the account has signed in before; whoever sits there goes ahead of strangers. */
  isKnown(origin: Origin): boolean {
    return this.#settings.exempt.has(origin.ip) || this.#placeOf(origin) !== undefined
  }

  failed(origin: Origin, password: string): void {
    const { login, ip } = origin
    if (this.#settings.exempt.has(ip)) return
    const now = this.#clock.now()
    const place = this.#placeOf(origin)
    const guess = this.#fingerprint(`${login}\0${password}`)
    if (this.#settings.perAccount) {
      if (place === undefined) this.#accounts.mark(login, guess, now)
      else this.#places.mark(place, guess, now)
    }
    if (this.#settings.perNetwork && place === undefined)
      this.#networkWindow(ip).mark(this.#whereIs(ip).network, this.#fingerprint(login), now)
  }

  /** An attempt without a name; every time counts. */
  strike(ip: string): void {
    if (this.#settings.exempt.has(ip) || !this.#settings.perNetwork) return
    this.#networkWindow(ip).mark(this.#whereIs(ip).network, randomInt(2 ** 47), this.#clock.now())
  }

  /** Seconds until a code of this account is looked at again; 0 where it is now. */
  codesLockedFor(login: string): number {
    return this.#codes.secondsToRoom(login, this.#clock.now())
  }

  /** Counted before it is looked at, so that many at once are many: `undo` where it was right. The same code twice is two guesses. */
  codeTried(login: string): { readonly undo: () => void } {
    const mark = randomInt(2 ** 47)
    this.#codes.mark(login, mark, this.#clock.now())
    return { undo: () => this.#codes.unmark(login, mark, this.#clock.now()) }
  }

  succeeded({ login, ip }: Origin): void {
    if (this.#settings.exemptSecondsAfterSuccess === 0) return
    const now = this.#clock.now()
    const { address, mark } = this.#whereIs(ip)
    this.#known.mark(login, mark, now)
    this.#knownAddresses.mark(address, 0, now)
  }

  locks(): readonly SignInLock[] {
    const now = this.#clock.now()
    const locked = (window: DistinctWindow, lock: (name: string) => Omit<SignInLock, 'retryAfterSeconds'>) =>
      window
        .full(now)
        .map((name): SignInLock => ({ ...lock(name), retryAfterSeconds: window.secondsToRoom(name, now) }))
    return [
      ...locked(this.#networks, (who) => ({ kind: 'network', who })),
      ...locked(this.#knownNetworks, (who) => ({ kind: 'network', who })),
      ...locked(this.#accounts, (who) => ({ kind: 'login', who })),
      ...locked(this.#codes, (who) => ({ kind: 'login', who, from: 'codes' })),
      ...locked(this.#places, (name) => {
        const gap = name.lastIndexOf(' ')
        return { kind: 'login', who: name.slice(0, gap), from: name.slice(gap + 1) }
      }),
    ]
  }

  /** By login, by a network as `locks` names it, or by an address in it. */
  unlock(who: string): boolean {
    const login = who.toLowerCase()
    const places = this.#places
      .names()
      .filter((name) => name.startsWith(`${login} `) || name.endsWith(` ${this.#whereIs(who).address}`))
    const cleared = [
      ...[login, who].map((name) => this.#accounts.forget(name)),
      this.#codes.forget(login),
      ...[who, this.#whereIs(who).network].flatMap((name) => [
        this.#networks.forget(name),
        this.#knownNetworks.forget(name),
      ]),
      ...places.map((name) => this.#places.forget(name)),
    ]
    return cleared.includes(true)
  }

  /** Where this account is known, as a name to count under. */
  #placeOf({ login, ip, device }: Origin): string | undefined {
    if (device !== undefined) return `${login} ${device}`
    const { address, mark } = this.#whereIs(ip)
    return this.#known.has(login, mark, this.#clock.now()) ? `${login} ${address}` : undefined
  }

  #networkWindow(ip: string): DistinctWindow {
    return this.#knownAddresses.has(this.#whereIs(ip).address, 0, this.#clock.now())
      ? this.#knownNetworks
      : this.#networks
  }

  #lock(by: Locked['by'], window: DistinctWindow, name: string): Locked | undefined {
    const now = this.#clock.now()
    return window.isFull(name, now) ? { by, retryAfterSeconds: window.secondsToRoom(name, now) } : undefined
  }

  #whereIs(ip: string): Where {
    if (this.#last?.ip === ip) return this.#last
    const address = networkOf(ip, placeSizes).replace(/\/32$/, '')
    const network = networkOf(ip, this.#settings.networkSizes)
    this.#last = { ip, address, network, mark: this.#fingerprint(address) }
    return this.#last
  }

  // A plain digest behind the key, of which six octets are kept: an Hmac object takes twenty times as long.
  #fingerprint(text: string): number {
    return hash('sha256', `${this.#key()}\0${text}`, 'buffer').readUIntBE(0, 6)
  }
}
