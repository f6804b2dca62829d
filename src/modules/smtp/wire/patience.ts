import type { Clock } from '../../../ports/runtime.ts'

export interface PatienceLimits {
  /** Longest wait for one whole command. RFC 5321 §4.5.3.2.7 asks for 5 minutes at least. */
  readonly commandMs: number
  /** Longest silence inside a message. RFC 5321 §4.5.3.2.5: 3 minutes. */
  readonly dataSilenceMs: number
  /** Beyond `dataSilenceMs`, all the time that a message may keep us waiting: its octets at this rate. */
  readonly minOctetsPerSecond: number
}

/**
 * How long one client has kept us waiting. Only waiting counts, not our own work, and nothing here sets a timer: one coarse
 * watch asks `isOver` for all clients.
 */
export class Patience {
  readonly #clock: Clock
  readonly #limits: PatienceLimits
  #phase: 'command' | 'data' = 'command'
  #waitingSince: number | undefined
  #waitedMs = 0
  #octets = 0

  constructor(clock: Clock, limits: PatienceLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A new command or a new message begins: the account is cleared. */
  expect(phase: 'command' | 'data'): void {
    this.#phase = phase
    this.#waitedMs = 0
    this.#octets = 0
  }

  waits(): void {
    this.#waitingSince = this.#clock.now()
  }

  goesOn(): void {
    if (this.#waitingSince !== undefined) this.#waitedMs += this.#clock.now() - this.#waitingSince
    this.#waitingSince = undefined
  }

  received(octets: number): void {
    this.#octets += octets
  }

  get isWaiting(): boolean {
    return this.#waitingSince !== undefined
  }

  isOver(now: number): boolean {
    if (this.#waitingSince === undefined) return false
    const waited = this.#waitedMs + now - this.#waitingSince
    if (this.#phase === 'command') return waited > this.#limits.commandMs
    const allowed = this.#limits.dataSilenceMs + (this.#octets / this.#limits.minOctetsPerSecond) * 1000
    return now - this.#waitingSince > this.#limits.dataSilenceMs || waited > allowed
  }
}
