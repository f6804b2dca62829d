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
}

/** What is due by each way, looked up once for many messages. */
export class Ahead {
  readonly #queue: Pick<OutgoingQueue, 'due'>
  readonly #turns: Turns
  readonly #clock: Clock
  readonly #seen = new Map<Way, Seen>()

  constructor(queue: Pick<OutgoingQueue, 'due'>, turns: Turns, clock: Clock) {
    this.#queue = queue
    this.#turns = turns
    this.#clock = clock
  }

  async due(way: Way): Promise<readonly QueuedRecipient[]> {
    const known = this.#seen.get(way)
    const now = this.#clock.now()
    if (known && now < known.at + freshMs && this.#turns.hasFree(known.rows)) return known.rows
    const rows = [...(await this.#queue.due(way, now, mostDue))]
    this.#seen.set(way, { rows, at: now })
    return rows
  }

  /** Settled: they are gone, or due at another time. To be called before their turn ends. */
  remove(way: Way, ids: ReadonlySet<QueueId>): void {
    const known = this.#seen.get(way)
    if (known) this.#seen.set(way, { ...known, rows: known.rows.filter(({ id }) => !ids.has(id)) })
  }

  forget(way: Way): void {
    this.#seen.delete(way)
  }
}
