import type { Judgement } from '../../../ports/spam-judge.ts'
import { actionOf, type RspamdAction } from './verdict-json.ts'

/** What was judged since the start, as rspamd counts it. */
export class Tally {
  readonly startedAt = performance.now()
  readonly #symbols = new Map<string, { hits: number; score: number }>()
  #actions: Record<RspamdAction, number> = none()

  note(judgement: Judgement): void {
    this.#actions[actionOf(judgement)] += 1
    for (const { name, score } of judgement.reasons) {
      const known = this.#symbols.get(name) ?? { hits: 0, score: 0 }
      this.#symbols.set(name, { hits: known.hits + 1, score })
    }
  }

  get actions(): Readonly<Record<RspamdAction, number>> {
    return this.#actions
  }

  get scanned(): number {
    return Object.values(this.#actions).reduce((sum, count) => sum + count, 0)
  }

  /** What was found how often, the most frequent first. */
  get symbols(): readonly { readonly symbol: string; readonly hits: number; readonly score: number }[] {
    return [...this.#symbols]
      .map(([symbol, counted]) => ({ symbol, ...counted }))
      .sort((one, other) => other.hits - one.hits)
  }

  reset(): void {
    this.#actions = none()
    this.#symbols.clear()
  }
}

const none = (): Record<RspamdAction, number> => ({
  reject: 0,
  'soft reject': 0,
  'add header': 0,
  greylist: 0,
  'no action': 0,
})
