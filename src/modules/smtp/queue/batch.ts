import type { AccountId } from '../../../ports/accounts.ts'
import type { QueuedRecipient, QueueId } from '../../../ports/outgoing-queue.ts'

/** Recipients of one message at one destination: one transaction. */
export type Batch = readonly [QueuedRecipient, ...QueuedRecipient[]]

/**
 * Who goes next, and what is on its way. Senders take turns: who sends a thousand messages to one place delays others there
 * by one transaction, not by a thousand.
 */
export class Turns {
  readonly #onTheWay = new Set<QueueId>()
  readonly #served = new Map<AccountId | undefined, number>()
  #turn = 0

  /** Of what is due at one destination, the longest waiting first. What it gives is on its way until `end`. */
  next(due: readonly QueuedRecipient[], most = Number.POSITIVE_INFINITY): Batch | undefined {
    const free = due.filter(({ id }) => !this.#onTheWay.has(id))
    const [first, ...others] = free
    if (!first) return undefined
    const chosen = others.reduce(
      (best, row) => (this.#lastTurn(row) < this.#lastTurn(best) ? row : best),
      first,
    )
    this.#served.delete(chosen.account)
    this.#served.set(chosen.account, ++this.#turn)
    this.#forget()
    const batch = free
      .filter(({ message, id }) => message === chosen.message && id !== chosen.id)
      .slice(0, Math.max(0, most - 1))
    for (const { id } of [chosen, ...batch]) this.#onTheWay.add(id)
    return [chosen, ...batch]
  }

  hasFree(due: readonly QueuedRecipient[]): boolean {
    return due.some(({ id }) => !this.#onTheWay.has(id))
  }

  end(batch: Batch): void {
    for (const { id } of batch) this.#onTheWay.delete(id)
  }

  #lastTurn({ account }: QueuedRecipient): number {
    return this.#served.get(account) ?? 0
  }

  /** Who sent nothing for long is forgotten first. */
  #forget(): void {
    if (this.#served.size <= 10_000) return
    const [oldest] = this.#served.keys()
    this.#served.delete(oldest)
  }
}
