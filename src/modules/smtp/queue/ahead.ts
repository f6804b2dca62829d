import type { OutgoingQueue, QueuedRecipient, QueueId, Way } from '../../../ports/outgoing-queue.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { Turns } from './batch.ts'

/** What one look into the queue takes. */
const mostDue = 200
/** After this somebody may have held or dropped what was seen. */
const freshMs = 1_000

interface Seen {
  readonly rows: QueuedRecipient[]
  readonly at: number
  /** How much news there had been. */
  readonly news: number
}

/** What is due by each way, looked up once for many messages. */
export class Ahead {
  readonly #queue: Pick<OutgoingQueue, 'due'>
  readonly #turns: Turns
  readonly #clock: Clock
  readonly #seen = new Map<Way, Seen>()
  readonly #news = new Map<Way, number>()
  #newsEverywhere = 0

  constructor(queue: Pick<OutgoingQueue, 'due'>, turns: Turns, clock: Clock) {
    this.#queue = queue
    this.#turns = turns
    this.#clock = clock
  }

  async due(way: Way): Promise<readonly QueuedRecipient[]> {
    const known = this.#seen.get(way)
    const now = this.#clock.now()
    const isFresh = known !== undefined && now < known.at + freshMs
    if (isFresh && (this.#turns.hasFree(known.rows) || !this.isStale(way))) return known.rows
    const news = this.#newsOf(way)
    const rows = [...(await this.#queue.due(way, now, mostDue))]
    this.#seen.set(way, { rows, at: now, news })
    return rows
  }

  /** Something may be due there that was not. */
  note(way: Way): void {
    this.#news.set(way, (this.#news.get(way) ?? 0) + 1)
  }

  noteEverywhere(): void {
    this.#newsEverywhere++
  }

  /** There is news since the last look. */
  isStale(way: Way): boolean {
    return this.#seen.get(way)?.news !== this.#newsOf(way)
  }

  #newsOf(way: Way): number {
    return this.#newsEverywhere + (this.#news.get(way) ?? 0)
  }

  /** Settled: they are gone, or due at another time. To be called before their turn ends. */
  remove(way: Way, ids: ReadonlySet<QueueId>): void {
    const known = this.#seen.get(way)
    if (known) this.#seen.set(way, { ...known, rows: known.rows.filter(({ id }) => !ids.has(id)) })
  }

  forget(way: Way): void {
    this.#seen.delete(way)
    this.#news.delete(way)
  }
}
