import { connect, isIPv6, type Socket } from 'node:net'
import type { Clock } from '../../../ports/runtime.ts'

export interface ConnectTo {
  /** IP addresses in order of preference. */
  readonly addresses: readonly string[]
  readonly port: number
  /** Addresses of ours to send from; a family without one is left to the system. */
  readonly from?: { readonly ipv4?: string | undefined; readonly ipv6?: string | undefined } | undefined
  readonly limitMs: number
}

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket; readonly address: string }
  | { readonly kind: 'unreachable'; readonly text: string }

/** RFC 8305 §5: the next address is tried when the one before has not answered within this time. */
const attemptDelayMs = 250

/**
 * Happy eyeballs: starts with the first address, adds the next one every quarter of a second or when one fails, and takes
 * whoever answers first. Node's own gives an address up after that time; a slow mail server would never be reached.
 */
export function connectFirst(to: ConnectTo, clock: Clock): Promise<Connected> {
  return new Promise((resolve) => new Race(to, clock, resolve).start())
}

class Race {
  readonly #to: ConnectTo
  readonly #clock: Clock
  readonly #ahead: string[]
  readonly #running = new Set<Socket>()
  readonly #failed: string[] = []
  readonly #over = new AbortController()
  readonly #settle: (connected: Connected) => void

  constructor(to: ConnectTo, clock: Clock, settle: (connected: Connected) => void) {
    this.#to = to
    this.#clock = clock
    this.#ahead = interleaved(to.addresses)
    this.#settle = settle
  }

  start(): void {
    void this.#clock.sleep(this.#to.limitMs, this.#over.signal).then(() => {
      if (!this.#over.signal.aborted) this.#lose('no answer')
    })
    this.#next()
  }

  #next(): void {
    const address = this.#ahead.shift()
    if (address === undefined) {
      if (this.#running.size === 0) this.#lose('no address')
      return
    }
    const localAddress = isIPv6(address) ? this.#to.from?.ipv6 : this.#to.from?.ipv4
    const socket = connect({
      host: address,
      port: this.#to.port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    this.#running.add(socket)
    const failed = (error: Error) => this.#drop(socket, `${address}: ${error.message}`)
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      this.#win(socket, address)
    })
    if (this.#ahead.length > 0) void this.#stagger()
  }

  async #stagger(): Promise<void> {
    const waiting = this.#ahead.length
    await this.#clock.sleep(attemptDelayMs, this.#over.signal)
    if (!this.#over.signal.aborted && this.#ahead.length === waiting) this.#next()
  }

  #drop(socket: Socket, why: string): void {
    this.#running.delete(socket)
    this.#failed.push(why)
    if (!this.#over.signal.aborted && (this.#ahead.length > 0 || this.#running.size === 0)) this.#next()
  }

  #win(socket: Socket, address: string): void {
    if (this.#over.signal.aborted) {
      socket.destroy()
      return
    }
    this.#running.delete(socket)
    this.#end()
    this.#settle({ kind: 'connected', socket, address })
  }

  #lose(why: string): void {
    if (this.#over.signal.aborted) return
    this.#end()
    this.#settle({ kind: 'unreachable', text: this.#failed.join('; ') || why })
  }

  #end(): void {
    this.#over.abort('over')
    for (const socket of this.#running) socket.on('error', () => undefined).destroy()
    this.#running.clear()
  }
}

/** RFC 8305 §4: the families take turns, the preferred one first. */
function interleaved(addresses: readonly string[]): string[] {
  const preferV6 = isIPv6(addresses[0] ?? '')
  const first = addresses.filter((address) => isIPv6(address) === preferV6)
  const second = addresses.filter((address) => isIPv6(address) !== preferV6)
  return first
    .flatMap((address, index) => [address, ...second.slice(index, index + 1)])
    .concat(second.slice(first.length))
}
