import { LRUCache } from 'lru-cache'
import type { DnsReason } from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Finding } from './cache.ts'

interface Failed {
  readonly kind: 'failed'
  readonly why: readonly DnsReason[]
}
export type Found =
  | { readonly kind: 'found'; readonly finding: Finding; readonly fromCache: boolean }
  | Failed

interface Failure {
  readonly failed: Failed
  readonly until: number
  readonly waitMs: number
}

/** RFC 9520 §3.2: at first five seconds, twice as long each time, five minutes at most. */
const firstWaitMs = 5000
const longestWaitMs = 300_000

/** What could not be found is not looked for again at once: those who ask must not become a flood for those who are down. */
export class Failures {
  readonly #clock: Clock
  readonly #failures = new LRUCache<string, Failure>({ max: 2000 })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  recent(key: string): Promise<Found> | undefined {
    const failure = this.#failures.get(key)
    return failure && this.#clock.now() < failure.until ? Promise.resolve(failure.failed) : undefined
  }

  noted(key: string, found: Found): Found {
    if (found.kind === 'found') {
      this.#failures.delete(key)
      return found
    }
    const before = this.#failures.get(key)
    const waitMs = Math.min(before ? before.waitMs * 2 : firstWaitMs, longestWaitMs)
    this.#failures.set(key, { failed: found, until: this.#clock.now() + waitMs, waitMs })
    return found
  }
}
