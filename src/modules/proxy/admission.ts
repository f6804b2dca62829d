import { type NetworkSizes, networkOf } from '../../lib/network-of.ts'
import type { Networks } from '../../lib/networks.ts'
import type { ListenerName } from '../../ports/connection.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Refusal } from './refusal.ts'

interface AdmissionLimits extends NetworkSizes {
  readonly total: number
  readonly perNetwork: number
  readonly perSecond: number
}

interface Bucket {
  tokens: number
  filledAt: number
}

/** A first burst is this many seconds' worth of connections. */
const burstSeconds = 10

/** Counts who is in. Every place that was given must be left again, once. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #exempt: Networks
  readonly #clock: Clock
  readonly #networks = new Map<string, number>()
  readonly #buckets = new Map<ListenerName, Bucket>()
  #open = 0

  constructor(limits: AdmissionLimits, exempt: Networks, clock: Clock) {
    this.#limits = limits
    this.#exempt = exempt
    this.#clock = clock
  }

  get open(): number {
    return this.#open
  }

  /** The socket takes a place; whose it is may not be known yet. */
  arrive(listener: ListenerName, ip: string): 'in' | Refusal {
    if (this.#open >= this.#limits.total) return 'full'
    if (!this.#exempt.has(ip) && !this.#takeToken(listener)) return 'too-fast'
    this.#open += 1
    return 'in'
  }

  /** Only after `arrive` said `in`. */
  leave(): void {
    this.#open -= 1
  }

  /** The client of a place is known. */
  claim(ip: string): Claim | 'crowded' {
    if (this.#exempt.has(ip)) return { release: () => undefined }
    const network = networkOf(ip, this.#limits)
    const others = this.#networks.get(network) ?? 0
    if (others >= this.#limits.perNetwork) return 'crowded'
    this.#networks.set(network, others + 1)
    return { release: () => this.#release(network) }
  }

  #release(network: string): void {
    const left = (this.#networks.get(network) ?? 1) - 1
    if (left === 0) this.#networks.delete(network)
    else this.#networks.set(network, left)
  }

  #takeToken(listener: ListenerName): boolean {
    const now = this.#clock.now()
    const most = this.#limits.perSecond * burstSeconds
    const bucket = this.#buckets.get(listener) ?? { tokens: most, filledAt: now }
    const fresh = (Math.max(0, now - bucket.filledAt) / 1000) * this.#limits.perSecond
    bucket.tokens = Math.min(most, bucket.tokens + fresh)
    bucket.filledAt = now
    this.#buckets.set(listener, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

interface Claim {
  release(): void
}
