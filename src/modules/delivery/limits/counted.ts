/** At most so many within the seconds before now. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

const steps = 60
const mostNames = 10_000

interface Step {
  readonly at: number
  count: number
}

/** Counts per name over a moving window, in steps; forgets who was not seen for longest. Lost at a restart, which costs nobody more than a window. */
export class Counted {
  readonly #windowMs: number
  readonly #names = new Map<string, Step[]>()

  constructor({ seconds }: Rate) {
    this.#windowMs = seconds * 1000
  }

  /** How many there are in the window, with `more` of them now. */
  add(name: string, more: number, now: number): number {
    const stepMs = this.#windowMs / steps
    const at = Math.floor(now / stepMs) * stepMs
    const kept = (this.#names.get(name) ?? []).filter((step) => step.at > now - this.#windowMs)
    const last = kept.at(-1)
    if (last?.at === at) last.count += more
    else kept.push({ at, count: more })
    this.#names.delete(name)
    this.#names.set(name, kept)
    const [oldest] = this.#names.keys()
    if (this.#names.size > mostNames && oldest !== undefined) this.#names.delete(oldest)
    return kept.reduce((sum, { count }) => sum + count, 0)
  }
}
