import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../ports/runtime.ts'
import type { Exchanged } from './exchange.ts'
import type { Server } from './stream.ts'

interface Manners {
  /** Smoothed round trip and its deviation, milliseconds: as TCP does, RFC 6298. */
  readonly roundTrip: number
  readonly deviation: number
  readonly silences: number
  readonly noEdns: boolean
}

const stranger: Manners = { roundTrip: 300, deviation: 100, silences: 0, noEdns: false }
/** Where IPv6 leads nowhere, packets vanish without a word: it is tried where it has proven itself, or nothing else is left. */
const strangerV6: Manners = { ...stranger, roundTrip: 600 }
const shortestWaitMs = 200
const longestWaitMs = 3000
/** Servers about as fast as the fastest share the work, so that others are measured too. */
const bandMs = 150
const familyPauseMs = 600_000

/** How servers behaved; who is asked first. */
export class Servers {
  readonly #clock: Clock
  readonly #known = new LRUCache<string, Manners>({ max: 4000 })
  #noIpv6Until = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** One of the candidates, and how long to wait for it. */
  pick(candidates: readonly Server[]): { readonly server: Server; readonly waitMs: number } | undefined {
    const usable = candidates.filter(({ ip }) => !isIPv6(ip) || this.#clock.now() >= this.#noIpv6Until)
    const costs = usable.map((server) => ({ server, cost: cost(this.#of(server)) }))
    const least = Math.min(...costs.map((each) => each.cost))
    const band = costs.filter((each) => each.cost <= least + bandMs)
    const chosen = band[Math.floor(Math.random() * band.length)]
    return chosen && { server: chosen.server, waitMs: waitMs(this.#of(chosen.server)) }
  }

  edns(server: Server): boolean {
    return !this.#of(server).noEdns
  }

  /** RFC 6891 §7: a server that answers FORMERR does not know EDNS. */
  withoutEdns(server: Server): void {
    this.#known.set(keyOf(server), { ...this.#of(server), noEdns: true })
  }

  heard(server: Server, { kind }: Exchanged, milliseconds: number): void {
    if (kind === 'no-route' && isIPv6(server.ip)) this.#noIpv6Until = this.#clock.now() + familyPauseMs
    if (kind === 'message') this.#measured(server, milliseconds)
    else this.blame(server)
  }

  /** It was silent, or what it said was of no use. */
  blame({ ip, port }: Pick<Server, 'ip' | 'port'>): void {
    const before = this.#of({ ip, port })
    this.#known.set(keyOf({ ip, port }), { ...before, silences: Math.min(before.silences + 1, 6) })
  }

  #measured(server: Server, milliseconds: number): void {
    const before = this.#known.get(keyOf(server))
    const roundTrip = before ? before.roundTrip * 0.875 + milliseconds * 0.125 : milliseconds
    const deviation = before
      ? before.deviation * 0.75 + Math.abs(before.roundTrip - milliseconds) * 0.25
      : milliseconds / 2
    this.#known.set(keyOf(server), { roundTrip, deviation, silences: 0, noEdns: before?.noEdns ?? false })
  }

  #of(server: Server): Manners {
    return this.#known.get(keyOf(server)) ?? (isIPv6(server.ip) ? strangerV6 : stranger)
  }
}

function keyOf({ ip, port }: Server): string {
  return `${ip} ${port}`
}

function cost({ roundTrip, silences }: Manners): number {
  return roundTrip + (2 ** silences - 1) * 400
}

function waitMs({ roundTrip, deviation, silences }: Manners): number {
  const wait = (roundTrip + 4 * deviation) * 2 ** Math.min(silences, 3)
  return Math.min(Math.max(wait, shortestWaitMs), longestWaitMs)
}
