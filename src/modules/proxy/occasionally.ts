import type { Clock, Fields, Log } from '../../ports/runtime.ts'

const quietMs = 60_000

/** Warnings that a storm would repeat by the thousand: each kind is told once a minute, with how often it was left out. */
export class Occasionally {
  readonly #log: Log
  readonly #clock: Clock
  readonly #kinds = new Map<string, { told: number; leftOut: number }>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  warn(event: string, kind: string, fields: Fields): void {
    const now = this.#clock.now()
    const known = this.#kinds.get(kind)
    if (known !== undefined && now - known.told < quietMs) {
      known.leftOut += 1
      return
    }
    this.#kinds.set(kind, { told: now, leftOut: 0 })
    this.#log.warn(event, { ...fields, left_out: known?.leftOut })
  }
}
