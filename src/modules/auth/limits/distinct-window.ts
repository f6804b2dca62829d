import type { Rate, StoredMarks } from './moving-window.ts'

/** What was marked and when, in step. Arrays, because there may be very many of them. */
interface Entry {
  readonly marks: readonly number[]
  /** UTC milliseconds. */
  readonly at: readonly number[]
}

interface Options {
  readonly kind: string
  readonly rate: Rate
  /** Names that are remembered. Of the rest those are forgotten first that matter least. */
  readonly maxNames: number
  /** What happens to one mark more than the rate: nothing, or the oldest goes. */
  readonly whenFull: 'ignore' | 'forget-oldest'
}

const renewalsPerWindow = 50
/** What part of the names goes when there is no room left. */
const roomShare = 32
/** Names of one mark, of some, and full ones; each with the longest unchanged first. */
const levels = 3

/**
 * Counts distinct marks per name over a moving window: guesses, or places. Bounded, whoever tries what: a flood of names with
 * one mark each pushes out only its own kind, never a name that is being guessed at and never a lock. Keeps note of what has
 * changed since it was last written down.
 */
export class DistinctWindow {
  readonly kind: string
  readonly #rate: Rate
  readonly #maxNames: number
  readonly #whenFull: Options['whenFull']
  readonly #levels = Array.from({ length: levels }, () => new Map<string, Entry>())
  readonly #changed = new Set<string>()

  constructor({ kind, rate, maxNames, whenFull }: Options) {
    this.kind = kind
    this.#rate = rate
    this.#maxNames = maxNames
    this.#whenFull = whenFull
  }

  /** Notes a mark, a whole number; one seen before is only renewed. */
  mark(name: string, mark: number, now: number): void {
    const { marks, at } = this.#entryOf(name, now)
    const place = marks.indexOf(mark)
    if (place >= 0) {
      // A client that comes every minute must not cause a write each time.
      if (now - (at[place] ?? 0) < this.#windowMs / renewalsPerWindow) return
      this.#keep(name, { marks: [...without(marks, place), mark], at: [...without(at, place), now] })
      return
    }
    const isFull = marks.length >= this.#rate.count
    if (isFull && this.#whenFull === 'ignore') return
    const skipped = isFull ? 1 : 0
    this.#keep(name, { marks: [...marks.slice(skipped), mark], at: [...at.slice(skipped), now] })
  }

  /** Takes a mark back. */
  unmark(name: string, mark: number, now: number): void {
    const { marks, at } = this.#entryOf(name, now)
    const place = marks.indexOf(mark)
    if (place >= 0) this.#keep(name, { marks: without(marks, place), at: without(at, place) })
  }

  has(name: string, mark: number, now: number): boolean {
    return this.#entryOf(name, now).marks.includes(mark)
  }

  isFull(name: string, now: number): boolean {
    return this.#entryOf(name, now).marks.length >= this.#rate.count
  }

  /** Until there is room again; 0 where there is room. */
  secondsToRoom(name: string, now: number): number {
    const { at } = this.#entryOf(name, now)
    if (at.length < this.#rate.count) return 0
    if (at.length === 0) return this.#rate.seconds
    return Math.max(1, Math.ceil((Math.min(...at) - now) / 1000) + this.#rate.seconds)
  }

  /** Names without room. */
  full(now: number): readonly string[] {
    return [...(this.#levels.at(-1)?.keys() ?? [])].filter((name) => this.isFull(name, now))
  }

  names(): readonly string[] {
    return this.#levels.flatMap((level) => [...level.keys()])
  }

  get size(): number {
    return this.#levels.reduce((sum, level) => sum + level.size, 0)
  }

  /** False where nothing was known of it. */
  forget(name: string): boolean {
    this.#changed.add(name)
    return this.#levels.map((level) => level.delete(name)).includes(true)
  }

  /** What has changed since the last call, as it is to be stored; no marks where there is nothing left. */
  takeChanged(now: number): StoredMarks[] {
    this.#sweep(now)
    const names = [...this.#changed]
    this.#changed.clear()
    return names.map((name) => {
      const { marks, at } = this.#entryOf(name, now)
      return {
        name,
        marks: marks.map((mark, place) => [String(mark), at[place] ?? 0, 1]),
        expiresAt: Math.max(0, ...at) + this.#windowMs,
      }
    })
  }

  /** Takes up what was stored before a restart. */
  restore({ name, marks }: Pick<StoredMarks, 'name' | 'marks'>): void {
    const known = marks.filter(([mark]) => Number.isSafeInteger(Number(mark))).slice(0, this.#rate.count)
    if (known.length === 0) return
    this.#put(name, { marks: known.map(([mark]) => Number(mark)), at: known.map(([, at]) => at) })
  }

  get #windowMs(): number {
    return this.#rate.seconds * 1000
  }

  /** Those still within the window. */
  #entryOf(name: string, now: number): Entry {
    const entry = this.#levels.map((level) => level.get(name)).find((found) => found !== undefined)
    if (!entry) return nothing
    const from = now - this.#windowMs
    if (entry.at.every((at) => at > from)) return entry
    const left: Entry = {
      marks: entry.marks.filter((_, place) => (entry.at[place] ?? 0) > from),
      at: entry.at.filter((at) => at > from),
    }
    this.#put(name, left)
    return left
  }

  #keep(name: string, entry: Entry): void {
    this.#changed.add(name)
    this.#put(name, entry)
    if (this.size > this.#maxNames) this.#makeRoom()
  }

  #put(name: string, entry: Entry): void {
    for (const level of this.#levels) level.delete(name)
    if (entry.marks.length > 0) this.#levels[this.#levelOf(entry)]?.set(name, entry)
  }

  #levelOf({ marks }: Entry): number {
    if (marks.length >= this.#rate.count) return 2
    return marks.length > 1 ? 1 : 0
  }

  // Many at once: the front of a map is slow to find when much has been taken from there.
  #makeRoom(): void {
    let surplus = Math.max(1, Math.floor(this.#maxNames / roomShare))
    for (const level of this.#levels) {
      for (const name of level.keys()) {
        if (surplus-- === 0) return
        this.forget(name)
      }
    }
  }

  /** What has run out goes; each level has the longest unchanged in front. */
  #sweep(now: number): void {
    for (const level of this.#levels) {
      for (const [name, { at }] of level) {
        if (at.some((each) => each > now - this.#windowMs)) break
        level.delete(name)
      }
    }
  }
}

const nothing: Entry = { marks: [], at: [] }

function without(list: readonly number[], place: number): number[] {
  return list.filter((_, at) => at !== place)
}
