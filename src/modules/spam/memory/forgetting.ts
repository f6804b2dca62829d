import type { MailReader } from '../../../ports/mail-store.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { SpamMemory } from './memory.ts'

export interface ForgettingParts {
  readonly memory: () => SpamMemory
  readonly store: Pick<MailReader, 'usage'>
  readonly clock: Clock
  readonly log: Log
  readonly historyDays: number
}

const everyMs = 6 * 3_600_000
/** Lessons older than that cannot be taken back any more. */
const dayMs = 24 * 3_600_000
const keptMs = 400 * dayMs

/** Every few hours: old lessons go, and what accounts had taught that are gone. */
export function forgetting({ memory, store, clock, log, historyDays }: ForgettingParts): {
  start(): void
  stop(): Promise<void>
} {
  const ended = new AbortController()
  let looping: Promise<void> = Promise.resolve()
  const sweep = async () => {
    const now = clock.now()
    await memory().sweep(now, { lessonsBefore: now - keptMs, judgedBefore: now - historyDays * dayMs })
    await memory().acquaintance.sweep(now)
    // Those that were never here are another server's, whose filter this is.
    for (const account of memory().accounts())
      if ((await store.usage(account)).removed) await memory().forgetAccount(account)
  }
  const loop = async () => {
    for (;;) {
      await clock.sleep(everyMs, ended.signal)
      if (ended.signal.aborted) return
      await sweep().catch((cause) => log.error('spam.sweep-failed', cause))
    }
  }
  return {
    start: () => {
      looping = loop()
    },
    async stop() {
      ended.abort()
      await looping
    },
  }
}
