import type { Clock } from '../../../src/ports/runtime.ts'

/** A clock that stands still until told to go on. */
export interface FakeClock extends Clock {
  /** Lets `ms` pass; those who sleep wake up on the way, in their order. */
  advance(ms: number): Promise<void>
}

interface Sleeper {
  readonly until: number
  wake(): void
}

export function createFakeClock(start = Date.UTC(2026, 0, 15, 12)): FakeClock {
  let now = start
  let sleepers: Sleeper[] = []
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const wake = () => {
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        sleepers.push({ until: now + ms, wake })
        signal?.addEventListener('abort', wake, { once: true })
      }),
    async advance(ms) {
      const end = now + ms
      for (;;) {
        const next = sleepers.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0]
        if (!next) break
        sleepers = sleepers.filter((sleeper) => sleeper !== next)
        now = Math.max(now, next.until)
        next.wake()
        // What woke up may go to sleep again before the time is over.
        await new Promise((resolve) => setImmediate(resolve))
      }
      now = end
    },
  }
}
