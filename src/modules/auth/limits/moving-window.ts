/** At most `count` within any `seconds`. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

/** Text, instant in ms, weight. */
type Mark = readonly [mark: string, at: number, weight: number]

export interface StoredMarks {
  readonly name: string
  readonly marks: readonly Mark[]
  readonly expiresAt: number
}

interface Entry {
  at: number
  weight: number
}

/** Names that are remembered; beyond, the one not seen for longest is forgotten. */
const maxNames = 50_000
/** A window is counted in so many steps; a step leaves it as a whole, never too early. */
const stepsPerWindow = 1_000

/**
 * Counts what is spent per name over a moving window: messages. Bounded in memory by `maxNames`, and per name by the steps of
 * the window. Keeps note of what has changed since it was last written down.
 */
export class MovingWindow {
  readonly kind: string
  readonly #rate: Rate
  readonly #names = new Map<string, Map<string, Entry>>()
  readonly #changed = new Set<string>()

  constructor(kind: string, rate: Rate) {
    this.kind = kind
    this.#rate = rate
  }

  /** Spends `units` where they fit. */
  spend(name: string, units: number, now: number): boolean {
    const entries = this.#entriesOf(name, now)
    if (weightOf(entries) + units > this.#rate.count) return false
    const step = Math.ceil(now / this.#stepMs) * this.#stepMs
    const entry = entries.get(String(step)) ?? { at: step, weight: 0 }
    entries.set(String(step), { at: step, weight: entry.weight + units })
    this.#keep(name, entries)
    return true
  }

  /** Until there is room again; 0 where there is room. */
  secondsToRoom(name: string, units: number, now: number): number {
    const entries = [...this.#entriesOf(name, now).values()].sort((a, b) => a.at - b.at)
    let used = entries.reduce((sum, { weight }) => sum + weight, 0)
    if (used + units <= this.#rate.count) return 0
    for (const { at, weight } of entries) {
      used -= weight
      if (used + units <= this.#rate.count)
        return Math.max(1, Math.ceil((at - now) / 1000) + this.#rate.seconds)
    }
    return this.#rate.seconds
  }

  /** What has changed since the last call, as it is to be stored; no marks where there is nothing left. */
  takeChanged(now: number): StoredMarks[] {
    const names = [...this.#changed]
    this.#changed.clear()
    return names.map((name) => {
      const marks = [...this.#entriesOf(name, now)].map(([mark, { at, weight }]): Mark => [mark, at, weight])
      const last = Math.max(0, ...marks.map(([, at]) => at))
      return { name, marks, expiresAt: last + this.#windowMs }
    })
  }

  /** Takes up what was stored before a restart. */
  restore({ name, marks }: Pick<StoredMarks, 'name' | 'marks'>): void {
    this.#names.set(name, new Map(marks.map(([mark, at, weight]) => [mark, { at, weight }])))
  }

  get #windowMs(): number {
    return this.#rate.seconds * 1000
  }

  get #stepMs(): number {
    return Math.max(1, Math.floor(this.#windowMs / stepsPerWindow))
  }

  /** Those still within the window. */
  #entriesOf(name: string, now: number): Map<string, Entry> {
    const entries = this.#names.get(name)
    if (!entries) return new Map()
    for (const [mark, { at }] of entries) {
      if (at <= now - this.#windowMs) entries.delete(mark)
    }
    if (entries.size === 0) this.#names.delete(name)
    return entries
  }

  #keep(name: string, entries: Map<string, Entry>): void {
    this.#changed.add(name)
    this.#names.delete(name)
    this.#names.set(name, entries)
    if (this.#names.size > maxNames) this.#names.delete(this.#names.keys().next().value ?? name)
  }
}

function weightOf(entries: ReadonlyMap<string, Entry>): number {
  let sum = 0
  for (const { weight } of entries.values()) sum += weight
  return sum
}
